import Config
import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Clients that start programs of their own, as a script that calls another client does.
@Suite struct ClientEndTests {
    private let scratch: Scratch
    private var stage: [String] { (try? FileManager.default.contentsOfDirectory(atPath: scratch["stage"].path)) ?? [] }

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: scratch["stage"], withIntermediateDirectories: true)
    }

    /// A script whose `child COMMAND` starts a child that writes to the client's pipes and whose number is noted.
    private func staged(_ script: String, limit: Int = 1_000_000, patience: Duration = .seconds(60)) throws
        -> StagedSlide
    {
        let noted = "child() { \"$@\" & echo $! >> '\(scratch["children"].path)'; }\n"
        let file = try scratch.write("#!/bin/sh\n\(noted)\(script)\n", to: "client")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        var copier = try ClientCopier(ClientCommand("\(file.path) {from} {to}"))
        (copier.patience, copier.look, copier.pauses) = (patience, .milliseconds(20), [])
        let none = Staging(folder: scratch["stage"], limit: limit, files: FileCopier(), client: .success(copier))
        return none.begin(try SlideID("s"), at: "s3://b/s.svs") { _ in }
    }

    private var children: [pid_t] {
        let text = (try? String(contentsOf: scratch["children"], encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }

    private func expectNobodyLeft(_ count: Int = 1) {
        #expect(children.count == count)
        #expect(children.allSatisfy { ProcessState.of($0)?.hasEnded != false })
    }

    /// The second one takes no notice of being asked to end, the third one has made a group of its own.
    @Test func aClientThatStallsEndsWithAllThatItHasStarted() async throws {
        let staged = try staged(
            """
            child sleep 600; child sh -c 'trap "" TERM; sleep 600'
            set -m; child sleep 600
            echo begun > "$2"; wait
            """,
            patience: .milliseconds(300)
        )
        let failure = await #expect(throws: Failure.self) { try await staged.place() }
        #expect(failure?.message.contains("nothing more came for 0 s") == true)
        await staged.release()
        expectNobodyLeft(3)
        #expect(stage.isEmpty)
    }

    @Test func whatAClientLeavesRunningHoldsNothingUp() async throws {
        let staged = try staged(#"child sleep 600; echo slide > "$2""#)
        let began = ContinuousClock.now
        let place = try await staged.place()
        #expect(ContinuousClock.now - began < .seconds(300))
        #expect(try String(contentsOfFile: place.path, encoding: .utf8) == "slide\n")
        expectNobodyLeft()
        await staged.release()
        #expect(stage.isEmpty)
    }

    @Test func aSlideThatOutgrowsTheStageEndsAllThatBringsIt() async throws {
        let staged = try staged(
            #"child sh -c 'while :; do head -c 3000; sleep 0.1; done < /dev/zero > "$0"' "$2"; wait"#,
            limit: 5000
        )
        let failure = await #expect(throws: Failure.self) { try await staged.place() }
        #expect(failure?.message.contains("larger than the stage") == true)
        await staged.release()
        expectNobodyLeft(2)
        #expect(stage.isEmpty)
    }

    @Test func aSlideThatNobodyWantsAnyMoreEndsItsClient() async throws {
        let staged = try staged("child sleep 600; wait")
        while children.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        await staged.release()
        expectNobodyLeft()
        #expect(stage.isEmpty)
    }

    @Test func aClientHasNoTerminalToAsk() async throws {
        let staged = try staged(#"(: < /dev/tty) 2> /dev/null && exit 7; cut -d' ' -f6 /proc/$$/stat > "$2""#)
        let place = try await staged.place()
        let session = try String(contentsOfFile: place.path, encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
        #expect(pid_t(session) != getsid(0))
        await staged.release()
    }

    @Test func aFloodOnStandardErrorIsNoFault() async throws {
        let flood = "head -c 10000000 /dev/zero | tr '\\0' x >&2"
        let staged = try staged("\(flood); echo slide > \"$2\"")
        _ = try await staged.place()
        await staged.release()
        let failing = try self.staged("\(flood); exit 3")
        let failure = await #expect(throws: Failure.self) { try await failing.place() }
        #expect(failure?.message.contains("it ended with 3: xxx") == true && failure?.message.count ?? 0 < 600)
        await failing.release()
    }

    @Test(arguments: [#"mkdir "$2""#, #"ln -s /etc/hostname "$2""#, #": > "$2""#, #"mkfifo "$2""#])
    func whatIsNoFileIsNoSlide(script: String) async throws {
        let staged = try staged(script)
        let failure = await #expect(throws: Failure.self) { try await staged.place() }
        #expect(failure?.code == .copy && failure?.message.contains("left no file at {to}") == true)
        await staged.release()
        #expect(stage.isEmpty)
    }
}
