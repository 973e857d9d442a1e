// Nest's packages import each other in a circle; under Jest's ESM loader the circle only resolves when these two come first.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
