import fc from 'fast-check'

/** Stand for what the actors of a run really have: see `actors.ts`. */
export const props = ['$phone', '$otherPhone', '$password', '$code', '$uid', '$otherUid'] as const

const known = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '\ufeff',
    '\uffff',
    'ﬀ',
    'İ',
    'ß',
    '🔑'.repeat(50),
    '\r\nSet-Cookie: SWOB=x',
  ],
  ...[
    "' or 1=1--",
    '"; drop table users; --',
    '\\',
    '%',
    '%00',
    '%ff',
    '../../etc/passwd',
    '{{7*7}}',
    '$' + '{7*7}',
    '<script>alert(1)</script>',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-0',
    '1e999',
    '[object Object]',
  ],
  ...[
    '+',
    '+0',
    '+237',
    `+237${'6'.repeat(60)}`,
    'tel:+237670000001;ext=1',
    '٢٣٧٦٧٠٠٠٠٠٠١',
    '+1 900 555 0100',
    '112',
    '+88213123456',
    '000000',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'x'.repeat(257),
    'x'.repeat(1025),
    'x'.repeat(9000),
  ],
]

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: fc.constantFrom(...props) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
)

const hostileNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e21, 1e308, Number.MAX_SAFE_INTEGER + 2, -(2 ** 31) - 1, 2 ** 32, 123456),
  fc.integer(),
)

/** Any JSON. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, false, [], {}, [[]], [null], { $ne: null }, { toString: 'x' }, { length: -1 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(hostileText, { maxLength: 3 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
)

const nested = (depth: number, [open, close]: readonly [string, string]) => open.repeat(depth) + close.repeat(depth)

/** What isn't JSON, or is JSON that a parser may stumble over; some of it too large. */
export const hostileBody: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '{',
      '}',
      '"',
      '[1,]',
      '{"a":}',
      'undefined',
      'NaN',
      "{'a':1}",
      '\ufeff{}',
      '{}{}',
      '{"a":1}\0',
      ' ',
      '\t\r\n',
      'a=b&c=d',
      '--x\r\n',
    ],
    ...[
      '{"phone_number":"1","phone_number":"2"}',
      '{"__proto__":{"password":"x"}}',
      '{"constructor":{"prototype":{"x":1}}}',
    ],
    ...[
      '{"code":1e400}',
      '{"code":-0}',
      `{"code":${'9'.repeat(400)}}`,
      '{"password":"\\ud800"}',
      '{"password":"\\u0000"}',
      '{"\\u0000":1}',
    ],
    ...[`{"name":"${'x'.repeat(65_000)}"}`, `{"name":"${'x'.repeat(66_000)}"}`, `"${'é'.repeat(33_000)}"`],
    ...([100, 5000, 32_000] as const).flatMap((depth) => [nested(depth, ['[', ']']), nested(depth, ['{"a":', '}'])]),
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.json(),
)

/** What a header can carry: anything else isn't sent by any client. */
export const hostileHeaderValue: fc.Arbitrary<string> = fc
  .oneof(
    hostileText,
    fc.constantFrom(
      '*/*',
      ',',
      ';',
      '=',
      '"',
      'q=1',
      'a;q=2',
      'a, b, c',
      '%00',
      '\u00ff',
      'x'.repeat(4000),
      ','.repeat(2000),
      ';q=0'.repeat(500),
    ),
  )
  .map((text) =>
    [...text]
      .filter((letter) => /[\t -~\u0080-\u00ff]/.test(letter))
      .join('')
      .trim(),
  )
