import Synchronization
import Testing

@testable import Pipeline

@Suite struct StageRoomTests {
    /// Who has room by now, in the order in which it came.
    private final class Entered: Sendable {
        private let names = Mutex<[Int]>([])
        var all: [Int] { names.withLock { $0 } }
        func add(_ ticket: Int) { names.withLock { $0.append(ticket) } }

        func wait(for count: Int) async throws {
            for _ in 0..<2000 where all.count < count { try await Task.sleep(for: .milliseconds(2)) }
            #expect(all.count >= count)
        }
    }

    private func enter(_ room: StageRoom, _ ticket: Int, _ bytes: Int?, _ entered: Entered) -> Task<Void, any Error> {
        Task {
            try await room.enter(ticket, bytes: bytes)
            entered.add(ticket)
        }
    }

    @Test func roomIsGivenInOrderAndNeverBeyondTheBound() async throws {
        let (room, entered) = (StageRoom(limit: 100, copiesAtOnce: 8), Entered())
        let tickets = (0..<4).map { _ in room.line() }
        // Whoever asks first, the order is that of the line; the small last one does not overtake the large third.
        var tasks: [Task<Void, any Error>] = []
        for (ticket, bytes) in zip(tickets, [60, 30, 50, 1]).reversed() {
            tasks.append(enter(room, ticket, bytes, entered))
            try await Task.sleep(for: .milliseconds(5))
        }
        try await entered.wait(for: 2)
        #expect(entered.all == Array(tickets[..<2]) && room.used == 90)
        room.leave(tickets[1])
        try await Task.sleep(for: .milliseconds(10))
        #expect(entered.all.count == 2)
        room.leave(tickets[0])
        try await entered.wait(for: 4)
        #expect(entered.all == tickets && room.used == 51)
        for task in tasks { try await task.value }
    }

    @Test func aTicketThatIsGivenUpHoldsNobodyBack() async throws {
        let (room, entered) = (StageRoom(limit: 10), Entered())
        let (first, second, third) = (room.line(), room.line(), room.line())
        let lost = enter(room, second, 10, entered)
        let last = enter(room, third, 10, entered)
        room.leave(first)
        try await entered.wait(for: 1)
        lost.cancel()
        room.leave(second)
        try await entered.wait(for: 2)
        #expect(entered.all == [second, third])
        _ = await lost.result
        try await last.value
        room.leave(third)
        room.leave(third)
        #expect(room.used == 0)
    }

    @Test func aCancelledWaitEndsAndLeavesTheLine() async throws {
        let (room, entered) = (StageRoom(limit: 10), Entered())
        let (first, second, third) = (room.line(), room.line(), room.line())
        try await room.enter(first, bytes: 10)
        let waits = enter(room, second, 10, entered)
        try await Task.sleep(for: .milliseconds(5))
        waits.cancel()
        await #expect(throws: CancellationError.self) { try await waits.value }
        room.leave(first)
        try await room.enter(third, bytes: 10)
        #expect(room.used == 10)
    }

    @Test func aSlideOfUnknownSizeIsCopiedAloneAndMayOutgrowWhatIsLeft() async throws {
        let (room, entered) = (StageRoom(limit: 100), Entered())
        let (known, blind, after) = (room.line(), room.line(), room.line())
        try await room.enter(known, bytes: 70)
        room.filled(known, bytes: 70)
        try await room.enter(blind, bytes: nil)
        let behind = enter(room, after, 1, entered)
        #expect(room.grow(blind, to: 30) && !room.grow(blind, to: 31))
        // It has the whole stage once nobody else holds any; who stands behind it still waits.
        let alone = Task { try await room.enterAlone(blind) }
        try await Task.sleep(for: .milliseconds(10))
        #expect(entered.all.isEmpty && room.used == 70)
        room.leave(known)
        try await alone.value
        #expect(room.used == 100 && room.grow(blind, to: 100) && !room.grow(blind, to: 101))
        room.filled(blind, bytes: 40)
        try await entered.wait(for: 1)
        try await behind.value
        // The next of unknown size waits for as much as that one had.
        let next = room.line()
        room.filled(after, bytes: 60)
        let waits = enter(room, next, nil, entered)
        try await Task.sleep(for: .milliseconds(10))
        #expect(entered.all == [after])
        room.leave(blind)
        try await waits.value
        #expect(room.used == 60 + 40)
    }
}
