import Foundation
import TestSupport
import Testing

/// Commands whose time ends.
@Suite struct TimeLeftTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for name in ["a", "b"] { try scratch.write("no slide", to: "slides/\(name).svs") }
    }

    private func tile(_ more: String..., environment: [String: String] = [:]) throws -> Command {
        let words = ["tile", scratch["slides"].path, "--out", scratch["job"].path] + more
        return try Command.run(words, environment: environment)
    }

    private var outcomes: [String] { Scratch.tree(scratch["job/outcomes"]).keys.sorted() }

    @Test(arguments: ["10s", "59", "0", "0:30", "0-00:00:59"]) func inTheLastMinuteNothingIsBegun(left: String) throws {
        let result = try tile("--time-left", left)
        #expect(result.exit == 75, "\(result.errors)")
        let line =
            "wsi: error[E_TIME] tile: the time is over with 2 of 2 slides left to do; in its last minute none is begun, "
            + "so give the same command more of it"
        #expect(result.errorLines == [line], "\(result.errors)")
        #expect(outcomes.isEmpty)
        // What is left is done by the same command, which then needs no time.
        #expect(try tile("--time-left", "2h").exit == 3)
        #expect(outcomes == ["tile/a.json", "tile/b.json"])
    }

    @Test func theTimeOfTheJobIsThatOfTheCommand() throws {
        func environment(_ left: Int) -> [String: String] {
            ["SLURM_JOB_END_TIME": "\(Int(Date().timeIntervalSince1970) + left)"]
        }
        let short = try tile(environment: environment(50))
        #expect(short.exit == 75 && short.errors.contains("s (SLURM_JOB_END_TIME)"), "\(short.errors)")
        #expect(try tile("--quiet", environment: environment(50)).errors.split(separator: "\n").count == 1)
        #expect(try tile("--time-left", "none", environment: environment(50)).exit == 3)
        let late = try tile(environment: environment(-50))
        #expect(late.exit == 3 && late.errors.contains("warning: SLURM_JOB_END_TIME lies"), "\(late.errors)")
    }

    @Test(arguments: ["soon", "-5", "5 weeks", "1:99", ""]) func whatIsNoTimeIsAMistake(text: String) throws {
        let result = try tile("--time-left=\(text)")
        #expect(result.exit == 2 && result.errors.contains("E_USAGE"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
    }

    /// `--signal=B:TERM@120` reaches the shell of a batch job alone, which is `wsi` after `exec`, or hands it on.
    @Test(arguments: ["exec \"$@\"", "\"$@\" & trap 'kill -TERM $!' TERM; wait; wait $!"])
    func aSignalToTheShellOfAJobEndsTheCommand(script: String) throws {
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let wsi = Command.programs.appending(path: "wsi").path
        let sample = ["sample", scratch["s"].path, "--slides", "32", "--side", "8192"]
        process.arguments = ["--default-signal=TERM", "bash", "-c", script, "job", wsi] + sample
        process.standardInput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        while process.isRunning, !Scratch.tree(scratch["s"]).keys.contains(where: { $0.contains(".wsi-") }) {
            usleep(2000)
        }
        kill(process.processIdentifier, SIGTERM)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 143, "\(said)")
        #expect(said.hasSuffix("wsi: interrupted; the same command goes on where this one stopped\n"))
        #expect(!Scratch.tree(scratch["s"]).keys.contains { $0.contains(".wsi-") })
    }
}
