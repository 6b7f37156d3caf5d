import Foundation
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct TurnTests {
    private let scratch: Scratch
    private let layout: JobLayout

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
    }

    private func dead() -> ProcessMark {
        var mark = ProcessMark.own()
        mark.start = "1"
        return mark
    }

    private func foreign() -> ProcessMark {
        var mark = ProcessMark.own()
        mark.host = "another-host"
        return mark
    }

    private var files: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: layout.audit.appending(path: "turns/tile").path))?
            .sorted() ?? []
    }

    @Test func theSecondSeesTheFirstAndTheFirstNobody() throws {
        let first = try Turn.take("tile", in: layout)
        let second = try Turn.take("tile", in: layout)
        #expect(try first.earlier().isEmpty)
        #expect(try second.earlier().map(\.number) == [first.number])
        #expect(try second.earlier().map(\.sight) == [.here])
        #expect(files == ["000001.json", "000002.json"])
        first.end()
        #expect(try second.earlier().isEmpty)
        second.end()
        #expect(files.isEmpty)
        #expect(try Turn.take("tile", in: layout).number == 1)
    }

    @Test func ofManyAtOnceExactlyOneIsFirst() async throws {
        let layout = layout
        let turns = try await withThrowingTaskGroup(of: Turn.self) { group in
            for _ in 0..<16 { group.addTask { try Turn.take("tile", in: layout) } }
            return try await group.reduce(into: [Turn]()) { $0.append($1) }
        }
        #expect(Set(turns.map(\.number)).count == 16)
        #expect(try turns.filter { try $0.earlier().isEmpty }.count == 1)
    }

    @Test func whatAKilledProcessLeftIsRemovedAndAnotherHostsIsSeenUntilItIsSilent() throws {
        let killed = try Turn.take("tile", by: dead(), in: layout)
        let elsewhere = try Turn.take("tile", by: foreign(), in: layout)
        let own = try Turn.take("tile", in: layout)
        #expect(try own.earlier().map(\.sight) == [.elsewhere])
        #expect(files == ["000002.json", "000003.json"])
        let old = Date(timeIntervalSinceNow: -3600)
        let file = layout.audit.appending(path: "turns/tile/000002.json")
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file.path)
        #expect(try own.earlier().map(\.sight) == [.silent])
        withExtendedLifetime((killed, elsewhere)) {}
    }

    @Test func filesThatAreNoTurnsAreNone() throws {
        try scratch.add("job/audit/turns/tile/readme.txt")
        try scratch.add("job/audit/turns/tile/000001.json", "{")
        try scratch.add("job/audit/turns/tile/-3.json")
        try scratch.add("job/audit/turns/tile/9223372036854775807.json")
        let turn = try Turn.take("tile", in: layout)
        #expect(turn.number == 2)
        #expect(try turn.earlier().isEmpty)
    }

    @Test func aRunOfAnotherProcessIsNamedAndOnlyAwaitedWhenAskedTo() async throws {
        let first = try #require(try await RunTurn.take(in: layout, waits: false, pause: .milliseconds(1)) { _ in })
        let error = try await #require(throws: Failure.self) {
            try await RunTurn.take(in: layout, waits: false, pause: .milliseconds(1)) { _ in }
        }
        #expect((error.code, error.code.exitStatus) == (.busy, .temporary))
        #expect(error.message.contains("process \(ProcessInfo.processInfo.processIdentifier) "))
        #expect(error.message.contains("--wait"))
        let notes = Mutex<[String]>([])
        let second = try await RunTurn.take(in: layout, waits: true, pause: .milliseconds(1)) { event in
            guard case .note(let text) = event else { return }
            notes.withLock { $0.append(text) }
            first.end()
        }
        #expect(second != nil)
        #expect(notes.withLock { $0.count } == 2)
        #expect(notes.withLock { $0.last } == "the other run has ended; going on")
    }

    @Test func aRunOfAnotherHostIsNamedAndNoHindrance() async throws {
        let other = try Turn.take("run", by: foreign(), in: layout)
        let notes = Mutex<[String]>([])
        let own = try await RunTurn.take(in: layout, waits: false, pause: .milliseconds(1)) { event in
            if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        #expect(own != nil)
        #expect(notes.withLock { $0.count } == 1)
        #expect(notes.withLock { $0.first }?.contains("of another-host") == true)
        other.end()
    }

    @Test func aJobThatHasNoRoomForTurnsIsWorkedOnAllTheSame() async throws {
        try scratch.add("job/audit")
        let notes = Mutex<[String]>([])
        let turn = try await RunTurn.take(in: layout, waits: false, pause: .milliseconds(1)) { event in
            if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        #expect(turn == nil)
        #expect(notes.withLock { $0.first }?.hasPrefix("warning: ") == true)
    }
}

@Suite struct ProcessMarkTests {
    @Test func aProcessOfBeforeTheBootIsGoneAndOneOfAnotherContainerCannotBeSeen() {
        var mark = ProcessMark.own()
        mark.namespace = "pid:[1]"
        #expect(mark.isAlive == nil)
        mark = .own()
        mark.boot = "00000000-0000-0000-0000-000000000000"
        #expect(mark.isAlive == false)
        mark = .own()
        (mark.boot, mark.namespace) = (nil, nil)
        #expect(mark.isAlive == true)
    }

    @Test func aZombieIsDead() throws {
        var pid = pid_t()
        let name = strdup("true")
        defer { free(name) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [name, nil]
        #expect(posix_spawn(&pid, "/bin/true", nil, nil, &arguments, nil) == 0)
        // Waits for its end and leaves it a zombie.
        var facts = siginfo_t()
        #expect(waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) == 0)
        var mark = ProcessMark.own()
        mark.number = pid
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text[try #require(text.lastIndex(of: ")"))...].split(separator: " ")
        #expect(fields[1] == "Z")
        mark.start = String(fields[20])
        #expect(mark.isAlive == false)
        #expect(waitpid(pid, nil, 0) == pid)
    }
}
