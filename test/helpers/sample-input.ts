import { z } from 'zod';

type Schema = Readonly<{
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  pattern?: string;
  minimum?: number;
}>;

/** How an input is made up: which of several shapes, which text, and texts for patterns. */
export type InputRecipe = Readonly<{
  variant: number;
  text: string;
  patterns: Readonly<Record<string, string>>;
}>;

/** An input for a call that has every field it may have. */
export function sampleInput(model: z.ZodType, recipe: InputRecipe): unknown {
  // Of the keywords of JSON Schema those that zod writes for inputs of calls.
  return sampleOf(z.toJSONSchema(model, { io: 'input', unrepresentable: 'any' }) as Schema, recipe);
}

function sampleOf(schema: Schema, recipe: InputRecipe): unknown {
  const { const: only, enum: known, anyOf, oneOf, type, items, minimum } = schema;
  const shapes = anyOf ?? oneOf;
  if (shapes !== undefined) return sampleOf(shapes[recipe.variant % shapes.length] ?? {}, recipe);
  if (only !== undefined) return only;
  if (known !== undefined) return known[recipe.variant % known.length];
  if (type === 'object') return sampleObject(schema, recipe);
  if (type === 'array') return [sampleOf(items ?? {}, recipe)];
  if (type === 'number' || type === 'integer') return Math.max(1, minimum ?? 1);
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  return recipe.patterns[schema.pattern ?? ''] ?? recipe.text;
}

function sampleObject({ properties = {} }: Schema, recipe: InputRecipe): unknown {
  return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, sampleOf(part, recipe)]));
}
