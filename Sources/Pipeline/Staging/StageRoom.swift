import Synchronization

/// The bytes of a stage, given to slides in the order in which they are asked for.
///
/// A slide gets room only when all before it have: then the first of those that wait for room never waits for one behind it, which
/// no worker may be at yet. A slide of unknown size is copied alone, so that nothing has come behind it when it turns out too large.
final class StageRoom: Sendable {
    /// A slide's place in the order.
    typealias Ticket = Int

    private enum Wish {
        /// nil where only copying tells.
        case bytes(Int?)
        /// Everything there is.
        case all
    }

    private struct State {
        var last = 0
        /// Those without room, in their order.
        var queue: [Ticket] = []
        var waiting: [Ticket: (wish: Wish, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var held: [Ticket: Int] = [:]
        var copying: Set<Ticket> = []
        /// Is being copied without that its size is known.
        var blind: Ticket?
        /// Of all slides that were copied without that their size was known.
        var largest = 0
        var shortage: (@Sendable () -> Void)?
        var used: Int { held.values.reduce(0, +) }
    }

    let limit: Int
    private let copiesAtOnce: Int
    private let state = Mutex(State())

    /// - Parameter limit: in bytes.
    init(limit: Int, copiesAtOnce: Int = 2) { (self.limit, self.copiesAtOnce) = (limit, copiesAtOnce) }

    /// Held now.
    var used: Int { state.withLock(\.used) }

    /// Whether the first of those that wait finds no room for its bytes.
    var isShort: Bool {
        state.withLock { state in state.queue.first.map { state.waiting[$0] != nil && mayCopy($0, state) } ?? false }
    }

    /// Calls `told` whenever the first of those that wait finds no room.
    func tellShortage(_ told: @escaping @Sendable () -> Void) { state.withLock { $0.shortage = told } }

    /// The next place in the order, to be given up by `leave`.
    func line() -> Ticket {
        state.withLock { state in
            state.last += 1
            state.queue.append(state.last)
            return state.last
        }
    }

    /// Waits for room.
    /// - Parameter bytes: at most `limit`; nil where only copying tells.
    /// - Throws: `CancellationError`; the ticket is still to be given up.
    func enter(_ ticket: Ticket, bytes: Int?) async throws { try await wait(ticket, .bytes(bytes)) }

    /// Waits until nobody else has any room, and takes all: for a slide that has outgrown what was left.
    func enterAlone(_ ticket: Ticket) async throws {
        state.withLock { state in
            state.held[ticket] = nil
            state.copying.remove(ticket)
            // Before all that have not had room yet; `blind` has kept them from it.
            if !state.queue.contains(ticket) { state.queue.insert(ticket, at: 0) }
        }
        try await wait(ticket, .all)
    }

    /// - Returns: whether a slide of unknown size may have so many bytes.
    func grow(_ ticket: Ticket, to bytes: Int) -> Bool {
        state.withLock { state in
            guard state.blind == ticket, let held = state.held[ticket] else { return true }
            if bytes <= held { return true }
            guard state.used - held + bytes <= limit else { return false }
            state.held[ticket] = bytes
            return true
        }
    }

    /// The copy is there, and has so many bytes.
    func filled(_ ticket: Ticket, bytes: Int) {
        state.withLock { state in
            state.held[ticket] = bytes
            state.copying.remove(ticket)
            if state.blind == ticket {
                state.blind = nil
                state.largest = max(state.largest, bytes)
            }
        }
        wake()
    }

    /// Gives up the ticket and its room; does nothing the second time.
    func leave(_ ticket: Ticket) {
        let waiting = state.withLock { state in
            state.queue.removeAll { $0 == ticket }
            state.held[ticket] = nil
            state.copying.remove(ticket)
            if state.blind == ticket { state.blind = nil }
            return state.waiting.removeValue(forKey: ticket)
        }
        waiting?.continuation.resume(throwing: CancellationError())
        wake()
    }

    private func wait(_ ticket: Ticket, _ wish: Wish) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A cancelled task may have given it up already.
                let isThere = state.withLock { state in
                    guard state.queue.contains(ticket) else { return false }
                    state.waiting[ticket] = (wish, continuation)
                    return true
                }
                if !isThere { continuation.resume(throwing: CancellationError()) }
                wake()
            }
        } onCancel: {
            leave(ticket)
        }
    }

    private func wake() {
        while let continuation = state.withLock({ admitFirst(&$0) }) { continuation.resume() }
        if isShort { state.withLock(\.shortage)?() }
    }

    private func admitFirst(_ state: inout State) -> CheckedContinuation<Void, any Error>? {
        guard let ticket = state.queue.first, let (wish, continuation) = state.waiting[ticket],
            let bytes = room(for: wish, ticket, state)
        else { return nil }
        state.queue.removeFirst()
        state.waiting[ticket] = nil
        state.held[ticket] = bytes
        state.copying.insert(ticket)
        if case .bytes(_?) = wish {} else { state.blind = ticket }
        return continuation
    }

    private func mayCopy(_ ticket: Ticket, _ state: State) -> Bool {
        state.copying.count < copiesAtOnce && (state.blind == nil || state.blind == ticket)
    }

    /// What it gets; nil where it has to wait.
    private func room(for wish: Wish, _ ticket: Ticket, _ state: State) -> Int? {
        guard mayCopy(ticket, state) else { return nil }
        switch wish {
        case .bytes(let bytes?): return state.used + bytes <= limit ? bytes : nil
        case .bytes(nil):
            let likely = min(state.largest, limit)
            return state.used + likely <= limit ? likely : nil
        case .all: return state.held.isEmpty ? limit : nil
        }
    }
}
