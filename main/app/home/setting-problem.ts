import { z } from 'zod';

/** As much of a JSON schema as our settings have. */
const schemaModel = z.object({
  type: z.string(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  format: z.string().optional(),
  get properties() {
    return z.record(z.string(), schemaModel).optional();
  },
  get additionalProperties() {
    return z.union([z.literal(false), schemaModel]).optional();
  },
  get items() {
    return schemaModel.optional();
  },
});

type Schema = z.infer<typeof schemaModel>;

/** What is wrong with a setting: one sentence that names it and says what it takes. `model` is what `issue` was found by. */
export function settingProblem(model: z.ZodType, issue: z.core.$ZodIssue): string {
  const names = issue.path.filter((part) => typeof part === 'string');
  const schema = schemaAt(schemaModel.parse(z.toJSONSchema(model, { io: 'input' })), names);
  if (issue.code === 'unrecognized_keys') {
    const unknown = [...names, issue.keys[0] ?? ''].join('.');
    return `There is no setting ${unknown}. ${knownText(schema)}`;
  }
  return `The setting ${names.join('.')} takes ${allowedText(schema)}.`;
}

function schemaAt(schema: Schema | undefined, [name, ...rest]: readonly string[]): Schema | undefined {
  if (name === undefined || schema === undefined) return schema;
  const { properties = {}, additionalProperties } = schema;
  const others = additionalProperties === false ? undefined : additionalProperties;
  return schemaAt(Object.hasOwn(properties, name) ? properties[name] : others, rest);
}

function knownText(schema: Schema | undefined): string {
  const names = Object.keys(schema?.properties ?? {});
  return names.length === 1 ? `There is only ${names[0]}.` : `There are ${names.join(', ')}.`;
}

function allowedText(schema: Schema | undefined): string {
  if (schema === undefined) return 'another value';
  if (schema.description !== undefined) return schema.description;
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number from ${String(schema.minimum)} to ${String(schema.maximum)}`;
    case 'array': {
      const { minItems = 0, maxItems, items } = schema;
      return `a list of ${String(minItems)} to ${String(maxItems)} ${items?.format === 'starts_with' ? 'absolute paths' : 'texts'}, such as '["…"]'`;
    }
    case 'object':
      return `an object${schema.properties === undefined ? '' : ` of ${Object.keys(schema.properties).join(', ')}`}`;
    default:
      return 'another value';
  }
}
