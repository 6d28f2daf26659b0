import { RpcRefusal } from './rpc-refusal.ts'
import type { TelegramFault, TelegramState } from './telegram-state.ts'

/** The fault that waits for this request, if any; each strikes once. */
export function takeFault(state: TelegramState, method: string): TelegramFault | undefined {
  return state.faults.get(method)?.shift()
}

/** Wakes who waits for a request of this method. */
export function reportDone(state: TelegramState, method: string) {
  for (const tell of state.waiting.get(method)?.splice(0) ?? []) tell()
}

export function faultRefusal(fault: TelegramFault | undefined): RpcRefusal | undefined {
  return typeof fault === 'object' && 'error' in fault ? new RpcRefusal(fault.code, fault.error) : undefined
}
