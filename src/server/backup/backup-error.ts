/** Why a backup can't be restored. Its message is for the operator, whatever caused it. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}
