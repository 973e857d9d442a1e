import { Module } from '@nestjs/common';
import { GUARDS_METADATA, INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Policies, policyText } from '@opora/access';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { ServiceDefinition } from './definition.js';
import { controllersOf, describeApi } from './openapi.js';

/** What a class's constructor asks for: by type, or by the token that `@Inject` names. */
const tokensOf = (type: object): unknown[] => {
  const tokens: unknown[] = [...Reflect.getMetadata('design:paramtypes', type) as unknown[] ?? []];
  const named = (Reflect.getMetadata('self:paramtypes', type) ?? []) as { index: number; param: unknown }[];
  for (const { index, param } of named) tokens[index] = param;
  return tokens;
};

/** The guards and interceptors of a controller's routes, as far as they are made by the container. */
const enhancersOf = (controller: { prototype: object }): object[] => Object.values(Object.getOwnPropertyDescriptors(controller.prototype))
  .flatMap(({ value: method }) => (typeof method === 'function' ? [GUARDS_METADATA, INTERCEPTORS_METADATA].flatMap((key) => Reflect.getMetadata(key, method) as object[] ?? []) : []))
  .filter((enhancer) => typeof enhancer === 'function');

/** The document that the running service answers under `/openapi.json`, without database or broker: its controllers are read, not made. */
export const describeService = async (service: ServiceDefinition): Promise<OpenAPIObject> => {
  const controllers = controllersOf(service);
  const tokens = new Set([...controllers, ...controllers.flatMap(enhancersOf)].flatMap(tokensOf));

  @Module({ controllers, providers: [...tokens].map((token) => ({ provide: token as string, useValue: {} })) })
  class Described {}

  const app = await NestFactory.create(Described, new FastifyAdapter(), { logger: false, abortOnError: false, preview: true });
  try {
    return describeApi(app, service, new Policies(service.name, service.policies ?? policyText(service.name)));
  } finally {
    await app.close();
  }
};
