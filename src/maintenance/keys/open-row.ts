import { keyIdOf, UnopenableError } from '../../crypto/seal.ts'
import type { Services } from '../../services.ts'
import type { SealedRow, SealedTable } from './sealed-tables.ts'

/** `plain` is absent where the value doesn't open: `why` says why not. `isStale`: not of the newest key, neither it nor its index. */
export type OpenedColumn = { column: string; value: string; keyId: string; isStale: boolean } & (
  | { plain: string }
  | { why: string }
)

/** Opens what is sealed in a row. */
export async function openRow(
  { seal, blindIndex }: Pick<Services, 'seal' | 'blindIndex'>,
  table: SealedTable,
  row: SealedRow,
): Promise<{ columns: OpenedColumn[]; index: string | undefined }> {
  const opened = await Promise.all(
    Object.entries(table.sealed).map(async ([column, contextOf]): Promise<OpenedColumn | undefined> => {
      const value = row[column]
      if (typeof value !== 'string') return undefined
      const keyId = keyIdOf(value) ?? 'none'
      const found = { column, value, keyId, isStale: keyId !== seal.keyIds[0] }
      try {
        return { ...found, plain: await seal.open(value, contextOf(row)) }
      } catch (error) {
        if (!(error instanceof UnopenableError)) throw error
        const isMissing = error.missingKeyId !== undefined
        return {
          ...found,
          why: isMissing ? 'its key is missing from SECRET_KEYS' : 'altered, or encrypted with another key',
        }
      }
    }),
  )
  const columns = opened.filter((column) => column !== undefined)
  const indexed = columns.find(({ column }) => column === table.index?.of)
  const plain = indexed && 'plain' in indexed ? indexed.plain : undefined
  const hashes = plain === undefined ? undefined : await table.index?.hash({ blindIndex }, plain, row)
  return { columns, index: hashes?.[0] }
}
