import { archivedName, withoutError } from './trigger.rules.js';

it('shortens the name of an archived trigger where the suffix would not fit', () => {
  expect(archivedName('daily', '0123456789')).toBe('daily_(01234567)');
  expect([...archivedName('x'.repeat(255), '0123456789')]).toHaveLength(255);
});

it('forgets a state that is an error, and only the error of others', () => {
  expect(withoutError({ last_status: 'ERROR', last_error_message: 'x' })).toBeNull();
  expect(withoutError({ last_status: 'SUCCESS', last_error_message: 'x', last_error_count: 2 })).toMatchObject({
    last_status: 'SUCCESS',
    last_error_message: null,
    last_error_count: 0,
  });
});
