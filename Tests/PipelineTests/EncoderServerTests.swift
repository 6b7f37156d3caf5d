import Config
import Foundation
import Messages
import Records
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

@Suite struct EncoderServerTests {
    init() { signal(SIGPIPE, SIG_IGN) }

    /// Of a script: what a server says that has loaded its encoders.
    private func ready(_ scratch: Scratch) throws -> String {
        "cat '\(try scratch.add("ready", frames: Frame(.word, EncodeWord.ready)).path)'"
    }

    private func server(_ scratch: Scratch, _ script: String, within limit: Duration) throws -> EncoderServer {
        EncoderServer(
            encoders: [.init(manifest: "/models/uni.json", precision: .auto)],
            device: .cpu,
            threads: 1,
            programs: Programs(wsi: "/none", compute: try scratch.program("compute", script)),
            loadTimeout: limit
        )
    }

    @Test func anEncoderThatNeverLoadsIsGivenUp() async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "exec cat > /dev/null", within: .milliseconds(200))
        let failure = try await #require(throws: Failure.self) {
            try await server.whileRunning { _ in Issue.record("no work without an encoder") }
        }
        #expect((failure.code, failure.subject) == (.encoder, "uni.json"))
        #expect(failure.message.hasPrefix("not loaded within 0 s; a TorchScript file may loop while it is loaded"))
    }

    @Test func anEncoderThatLoadsInTimeServesTheWork() async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "\(ready(scratch)); exec cat > /dev/null", within: .seconds(60))
        var sockets: [String] = []
        try await server.whileRunning { sockets.append($0.socket) }
        #expect(sockets.count == 1)
    }

    /// Whatever it has said by the end of the work, however late that is read.
    @Test func itsLastWordIsHeard() async throws {
        let scratch = try Scratch()
        let use = DeviceUse(name: "cuda:0", patches: 6, padding: 2, batch: 8, seconds: 2, busySeconds: 1)
        // After a hello of its own, which the words before have had.
        let word = try Frame(.word, EncodeWord.used([use])).encoded()
        try word.write(to: scratch.file("used"))
        let script = "\(try ready(scratch)); cat > /dev/null; cat '\(scratch.file("used").path)'"
        var server = try server(scratch, script, within: .seconds(60))
        let heard = Mutex<[DeviceUse]>([])
        server.progress = { event in if case .used(let devices) = event { heard.withLock { $0 = devices } } }
        try await server.whileRunning { _ in }
        #expect(heard.withLock { $0 } == [use])
    }

    @Test func itsEndIsKnownWhileTheWorkGoesOn() async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "\(ready(scratch)); kill -9 $$", within: .seconds(60))
        let death = try await server.whileRunning { await $0.death(within: .seconds(60)) }
        #expect(death?.end == .signalled(9))
        let living = try self.server(scratch, "\(ready(scratch)); exec cat > /dev/null", within: .seconds(60))
        #expect(try await living.whileRunning { await $0.death(within: .milliseconds(50)) } == nil)
    }

    @Test func anEncoderThatIsKilledWhileItLoadsIsTheMachinesFault() async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "kill -9 $$", within: .seconds(60))
        let failure = try await #require(throws: Failure.self) { try await server.whileRunning { _ in } }
        #expect(failure.code == .io)
        #expect(
            failure.message.contains("signal 9") && failure.message.contains(", while it loaded the encoder; use a")
        )
    }

    @Test(arguments: [(SIGTERM, ErrorCode.io), (SIGINT, .io), (SIGSEGV, .encoder)])
    func aSignalThatIsSentSaysNothingOfTheEncoderAndACrashDoes(signal: Int32, code: ErrorCode) async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "kill -\(signal) $$", within: .seconds(60))
        let failure = try await #require(throws: Failure.self) { try await server.whileRunning { _ in } }
        #expect(failure.code == code && failure.message.contains("signal \(signal)"))
    }

    @Test func theServersOwnErrorIsReported() async throws {
        let scratch = try Scratch()
        let server = try server(scratch, "echo 'wsi: error[E_DIGEST] w: other bytes' >&2; exit 4", within: .seconds(60))
        let failure = try await #require(throws: Failure.self) { try await server.whileRunning { _ in } }
        #expect(failure == Failure(.digest, nil, "w: other bytes"))
    }
}
