/** From columns to documents: which is which, what becomes attributes, and why a row gives none. */
import { expect, test } from '@jest/globals';
import { checkHeader, parseMapping, toDocument } from '../../../cli/import/mapping.js';

test('columns are found by their own names, and all others become attributes', () => {
  expect(toDocument(parseMapping(undefined, undefined), { id: '1', title: 'a', body: 'b', brand: 'x', price: 5 })).toEqual({ id: '1', title: 'a', body: 'b', attributes: { brand: 'x', price: 5 } });
});

test('mapped columns are no attributes, and --attributes chooses among the others', () => {
  const fields = { sku: 7, name: 'a', id: 'other', brand: 'x', price: '5' };
  expect(toDocument(parseMapping('id=sku, title=name', undefined), fields)).toEqual({ id: '7', title: 'a', body: '', attributes: { id: 'other', brand: 'x', price: '5' } });
  expect(toDocument(parseMapping('id=sku,title=name', 'brand'), fields)).toEqual({ id: '7', title: 'a', body: '', attributes: { brand: 'x' } });
  expect(toDocument(parseMapping('id=sku,title=name', ''), fields)).toMatchObject({ attributes: {} });
});

test('a column "attributes" gives its entries, as an object or as JSON text, unless it is named itself', () => {
  const mapping = parseMapping(undefined, undefined);
  expect(toDocument(mapping, { id: '1', title: 'a', attributes: { brand: 'x' } })).toMatchObject({ attributes: { brand: 'x' } });
  expect(toDocument(mapping, { id: '1', title: 'a', attributes: '{"brand":"x"}' })).toMatchObject({ attributes: { brand: 'x' } });
  expect(toDocument(mapping, { id: '1', title: 'a', attributes: 'red' })).toContain('attributes is not a JSON object');
  expect(toDocument(parseMapping(undefined, 'attributes'), { id: '1', title: 'a', attributes: 'red' })).toMatchObject({ attributes: { attributes: 'red' } });
});

test.each([
  [{ title: 'a' }, 'no id'],
  [{ id: '1', title: null }, 'no title'],
  [{ id: true, title: 'a' }, 'id must be a text'],
  [{ id: 2 ** 60, title: 'a' }, 'id must be a text'],
  [{ id: '1', title: 'a', body: ['x'] }, 'body must be a text'],
])('%j is no document', (fields, why) => {
  expect(toDocument(parseMapping(undefined, undefined), fields)).toContain(why);
});

test('what the header lacks is said before anything is stored', () => {
  expect(() => checkHeader(parseMapping(undefined, undefined), ['sku', 'title'])).toThrow('no column "id" for the id (it has: sku, title)');
  expect(() => checkHeader(parseMapping('body=text', undefined), ['id', 'title'])).toThrow('no column "text"');
  expect(() => checkHeader(parseMapping(undefined, 'brand'), ['id', 'title'])).toThrow('no column "brand"');
  expect(() => parseMapping('sku', undefined)).toThrow('--map takes FIELD=COLUMN');
});
