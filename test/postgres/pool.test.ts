import { expect, test } from 'vitest'
import { createPool } from '../../src/postgres/client/pool.ts'

/** Its clients are their numbers. */
function poolOf(connections: number, slotsPerConnection: number) {
  const close: (() => void)[] = []
  const left: number[] = []
  const pool = createPool({
    connections,
    slotsPerConnection,
    open: (onClosed) => {
      const client = close.push(onClosed) - 1
      return { client, answered: () => undefined, close: () => left.push(client) > 0 }
    },
  })
  const client = async (limit = 0, options = {}) => (await pool.acquire(limit, options)).connection.client
  return { ...pool, client, left, close: (index: number) => close[index]?.() }
}

test('those who wait are served in turn', async () => {
  const pool = poolOf(1, 1)
  const served: number[] = []
  const waiting = [1, 2, 3].map(async (turn) => {
    const place = await pool.acquire(60_000)
    served.push(turn)
    pool.release(place)
  })
  await Promise.all(waiting)
  expect(served).toEqual([1, 2, 3])
  expect(pool.state()).toEqual({ max: 1, open: 0, inUse: 0, waiting: 0 })
})

test('statements are spread over the connections, and stay off that of a transaction', async () => {
  const pool = poolOf(3, 2)
  const transaction = await pool.acquire(0, { isWhole: true })
  expect(transaction.connection.client).toBe(0)
  expect([await pool.client(), await pool.client(), await pool.client(), await pool.client()]).toEqual([1, 2, 1, 2])
  expect(pool.state()).toEqual({ max: 6, open: 0, inUse: 6, waiting: 0 })
  const [next, nextTransaction] = [pool.client(60_000), pool.client(60_000, { isWhole: true })]
  expect(pool.state()).toMatchObject({ waiting: 2 })
  pool.release(transaction)
  expect(await next).toBe(0)
  // It needs no empty connection, but one that nobody is added to.
  expect(await nextTransaction).toBe(0)
})

test('a connection that was lost is left alone while another has a place', async () => {
  const pool = poolOf(2, 2)
  const [first, second] = [await pool.acquire(0), await pool.acquire(0)]
  for (const place of [first, second]) {
    pool.answered(place)
    pool.release(place)
  }
  pool.close(0)
  expect([await pool.client(), await pool.client(), await pool.client()]).toEqual([1, 1, 0])
})

test('a connection that is to end gets no further statement, ends with its last, and is used again when it has', async () => {
  const pool = poolOf(1, 2)
  const [first, second] = [await pool.acquire(0), await pool.acquire(0)]
  pool.answered(first)
  pool.retire(first)
  const next = pool.client(60_000)
  pool.release(first)
  expect(pool.left).toEqual([])
  pool.release(second)
  expect(pool.left).toEqual([0])
  expect(pool.state()).toMatchObject({ inUse: 0, waiting: 1 })
  pool.close(0)
  expect(await next).toBe(0)
})
