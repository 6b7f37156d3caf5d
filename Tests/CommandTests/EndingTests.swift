import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Commands that are ended from outside leave nothing behind.
@Suite struct EndingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A command under way.
    private final class Running {
        let process = Process()
        let errors = Pipe()

        init(_ arguments: [String], environment: [String: String] = [:]) throws {
            process.executableURL = URL(filePath: "/usr/bin/env")
            // Whoever runs the tests may have told their shell to ignore the end of the terminal.
            let wsi = Command.programs.appending(path: "wsi").path
            process.arguments = ["--default-signal=HUP,INT,QUIT,TERM", wsi] + arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = errors
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        /// Looks until `found` gives something.
        func wait<Found>(for found: () -> Found?) throws -> Found {
            while process.isRunning {
                if let found = found() { return found }
                usleep(2000)
            }
            throw Ended()
        }

        func end() -> (status: Int32, errors: String) {
            let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, said)
        }
    }

    private struct Ended: Error {}

    private func temporaries() -> [String] {
        Scratch.tree(scratch.folder).keys.filter { $0.contains(".wsi-") }.sorted()
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func aSignalEndsACommandWithItsCodeAndNothingIsLeft(signal: Int32) throws {
        let running = try Running(["sample", scratch["s"].path, "--slides", "32", "--side", "8192"])
        _ = try running.wait { temporaries().first { $0.hasPrefix("s/slides/") } }
        kill(running.process.processIdentifier, signal)
        let end = running.end()
        #expect(end.status == 128 + signal, "\(end.errors)")
        #expect(end.errors.contains("the same command goes on"))
        #expect(temporaries() == [])
    }

    @Test func aRaceThatIsInterruptedLeavesNeitherWeightsNorSlides() throws {
        try FileManager.default.createDirectory(at: scratch["tmp"], withIntermediateDirectories: true)
        let words = ["bench", "--encoder", "mobilenet-v2", "--device", "cpu", "--seconds", "3600", "--workers", "1"]
        let running = try Running(words, environment: ["TMPDIR": scratch["tmp"].path])
        _ = try running.wait { temporaries().first { $0.hasSuffix("encoder.json") } }
        kill(running.process.processIdentifier, SIGINT)
        #expect(running.end().status == 130)
        #expect(Scratch.tree(scratch["tmp"]).isEmpty)
    }

    /// Ctrl-C reaches every process of the group.
    @Test(arguments: [SIGINT, SIGTERM]) func whatWorkersHadBegunGoesWithThem(signal: Int32) throws {
        let (running, worker) = try hanging()
        let left = scratch["job/thumbnails/\(Temporaries.prefix)\(worker)-17.tmp"]
        try AtomicFile.write("half", to: left)
        for process in [worker, running.process.processIdentifier] { kill(process, signal) }
        let end = running.end()
        #expect(end.status == 128 + signal, "\(end.errors)")
        #expect(ProcessState.of(worker)?.hasEnded != false)
        #expect(temporaries() == [])
        // The end of the reading process says nothing about its slide.
        #expect(!end.errors.contains("error["), "\(end.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch["job/outcomes/tile/loop.json"].path))
    }

    @Test func whatAKilledCommandLeftIsRemovedByTheNextOne() throws {
        let (running, worker) = try hanging()
        let process = running.process.processIdentifier
        let folder = "\(Temporaries.prefix)\(process)-18.tmp"
        try AtomicFile.write("half", to: scratch["job/contours/\(Temporaries.prefix)\(process)-17.tmp"])
        try AtomicFile.write("half", to: scratch["tmp/\(folder)/pixels"])
        kill(process, SIGKILL)
        #expect(running.end().status == -SIGKILL)
        // Its worker sees the end of its stdin.
        while ProcessState.of(worker)?.hasEnded == false { usleep(2000) }
        let next = try Command.run(
            "tile",
            scratch["slides/none"].path,
            "--out",
            scratch["job"].path,
            environment: ["TMPDIR": scratch["tmp"].path]
        )
        #expect(next.exit == 2)
        #expect(temporaries().count == 2)
        _ = try scratch.write("no slide", to: "other/a.svs")
        let working = try Command.run(
            "tile",
            scratch["other"].path,
            "--out",
            scratch["job"].path,
            environment: ["TMPDIR": scratch["tmp"].path]
        )
        #expect(working.exit == 3, "\(working.errors)")
        #expect(temporaries() == [])
    }

    /// A command whose worker hangs in a library, and the worker.
    private func hanging() throws -> (Running, pid_t) {
        let library = scratch["poison.so"].path
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "poison.c").path
        let made = try Command.run(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"],
            of: "/usr/bin/env"
        )
        try #require(made.exit == 0, "\(made.errors)")
        try FileManager.default.createDirectory(at: scratch["tmp"], withIntermediateDirectories: true)
        let sample = try Command.run("sample", scratch["s"].path, "--slides", "2", "--side", "2048", "--quiet")
        try #require(sample.exit == 0)
        try FileManager.default.createDirectory(at: scratch["slides"], withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: scratch["s/slides/sample_001.svs"], to: scratch["slides/loop.svs"])
        let running = try Running(
            ["tile", scratch["slides"].path, "--out", scratch["job"].path],
            environment: ["LD_PRELOAD": library, "TMPDIR": scratch["tmp"].path]
        )
        let parent = running.process.processIdentifier
        let worker = try running.wait {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) }
                .first { ProcessState.of($0)?.parent == parent }
        }
        return (running, worker)
    }
}
