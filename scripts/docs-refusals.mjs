// What the sources refuse with, read from their syntax: codes are written out where they are refused.
import { TokenRefused } from '@opora/access';
import { DomainError } from '@opora/domain';
import { problem, toProblem } from '@opora/service';
import ts from 'typescript';

/** A literal's text, with … for what is filled in; both texts of a choice. Undefined for what only running shows. */
const textOf = (node) => {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  if (ts.isConditionalExpression(node)) return [textOf(node.whenTrue), textOf(node.whenFalse)].filter(Boolean).join(' / ');
  return undefined;
};

const propertyOf = (object, name) => textOf(object.properties.find((one) => one.name?.getText() === name)?.initializer);

const refusalOf = (node) => {
  const [kind, code, message] = (node.arguments ?? []).map(textOf);
  return ts.isNewExpression(node) && node.expression.getText() === 'DomainError' && kind && code ? toProblem(new DomainError(kind, code, message ?? '')) : undefined;
};

/** Functions of the domain lib that make a refusal: whoever calls them says it. */
export const makersIn = (source) => new Map(source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => declarationList.declarations)
  .flatMap(({ name, initializer }) => (initializer && ts.isArrowFunction(initializer) && refusalOf(initializer.body) ? [[name.getText(), refusalOf(initializer.body)]] : [])));

const isCode = (text) => typeof text === 'string' && /^[a-z]+(-[a-z0-9]+)+$/.test(text);

/** A refusal whose code is handed in: by calls of the function around it, or from a table in the same file. */
const handedIn = (node, source) => {
  let maker = node;
  while (maker && !ts.isVariableDeclaration(maker)) maker = maker.parent;
  const found = [];
  const visit = (other) => {
    const row = ts.isArrayLiteralExpression(other) ? other.elements : ts.isCallExpression(other) && other.expression.getText() === maker?.name.getText() ? other.arguments : [];
    row.map(textOf).forEach((code, at, texts) => { if (isCode(code) && texts[at + 1]?.includes?.(' ')) found.push(toProblem(new DomainError(textOf(node.arguments[0]), code, texts[at + 1]))); });
    ts.forEachChild(other, visit);
  };
  visit(source);
  if (found.length === 0) throw new Error(`${source.fileName}: which codes it refuses with cannot be read`);
  return found;
};

/** What one file refuses with: problems, and the codes within `errors[]`, whether written out or handed to a function that makes them. */
export const refusalsIn = (source, makers) => {
  const problems = [];
  const details = [];
  const visit = (node) => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const name = node.expression.getText();
      const given = (node.arguments ?? []).map(textOf);
      const refusal = refusalOf(node) ?? makers.get(name);
      if (refusal) problems.push(refusal);
      else if (name === 'TokenRefused' && given[0]) problems.push(toProblem(new TokenRefused(given[0])));
      else if (name === 'problem' && typeof given[0] === 'number' && given[2] && given[3]) problems.push(problem(...given));
      else if (name === 'DomainError') problems.push(...handedIn(node, source));
      // What goes on in Russian is a title.
      else given.forEach((code, at) => { if (at > 0 && isCode(code) && given[at + 1]?.includes?.(' ') && !/\p{Script=Cyrillic}/u.test(given[at + 2] ?? '')) details.push({ code, detail: given[at + 1] }); });
    }
    if (ts.isObjectLiteralExpression(node) && propertyOf(node, 'code') && propertyOf(node, 'detail') && node.properties.some(({ name }) => name?.getText() === 'pointer')) {
      details.push({ code: propertyOf(node, 'code'), detail: propertyOf(node, 'detail') });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { problems, details };
};

export const parsed = (file, text) => ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
