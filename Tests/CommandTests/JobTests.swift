import Foundation
import TestSupport
import Testing

/// What stands in a job folder, or in the way of one.
@Suite struct JobTests {
    /// Two small slides for all tests of the suite; they are only read.
    private static let sample = Result<Scratch, any Error> {
        let scratch = try Scratch()
        let made = try Command.run("sample", scratch["sample"].path, "--slides", "2", "--side", "2048", "--quiet")
        try #require(made.exit == 0, "\(made.errors)")
        return scratch
    }

    private static let full = "/dev/full"
    private static var hasFullDevice: Bool { FileManager.default.fileExists(atPath: full) }

    private let slide: URL
    private let scratch: Scratch
    private var job: String { scratch["job"].path }
    private var patches: URL { scratch["job/20x_256px_0px_overlap/patches/sample_001_patches.h5"] }

    init() throws {
        slide = try Self.sample.get()["sample/slides/sample_001.svs"]
        scratch = try Scratch()
    }

    @Test func aForeignFileUnderAResultsNameIsLeftAlone() throws {
        _ = try scratch.write("of another program", to: "job/20x_256px_0px_overlap/patches/sample_001_patches.h5")
        let refused = try Command.run("tile", slide.path, "--out", job)
        #expect(refused.exit == 4)
        #expect(refused.errorLines.count == 1)
        #expect(refused.errorLines.first?.contains("sample_001_patches.h5") == true)
        #expect(try Data(contentsOf: patches) == Data("of another program".utf8))
        #expect(!FileManager.default.fileExists(atPath: scratch["job/outcomes/tile/sample_001.json"].path))

        let replaced = try Command.run("tile", slide.path, "--out", job, "--redo")
        #expect(replaced.exit == 0, "\(replaced.errors)")
        #expect(try Data(contentsOf: patches).starts(with: Data([0x89]) + Data("HDF\r\n".utf8)))
    }

    @Test func aFileOfOursOfAnotherConfigurationIsForeignWithoutItsOutcome() throws {
        #expect(try Command.run("tile", slide.path, "--out", job).exit == 0)
        let before = try Data(contentsOf: patches)
        let outcome = scratch["job/outcomes/tile/sample_001.json"]
        try FileManager.default.removeItem(at: outcome)
        let refused = try Command.run("tile", slide.path, "--out", job, "--min-tissue", "0.75")
        #expect(refused.exit == 4)
        #expect(try Data(contentsOf: patches) == before)
        // The same configuration was only interrupted before its last word.
        let resumed = try Command.run("tile", slide.path, "--out", job)
        #expect(resumed.exit == 0, "\(resumed.errors)")
        #expect(try Data(contentsOf: patches) == before)
        #expect(FileManager.default.fileExists(atPath: outcome.path))
    }

    @Test func anOutcomeUnderAnotherNameIsOneErrorWithItsFile() throws {
        #expect(try Command.run("tile", slide.path, "--out", job).exit == 0)
        try FileManager.default.copyItem(
            at: scratch["job/outcomes/tile/sample_001.json"],
            to: scratch["job/outcomes/tile/copy.json"]
        )
        let result = try Command.run("features", job, "--encoder", "he-texture-v1")
        #expect(result.exit == 4)
        #expect(result.errorLines.count == 1)
        #expect(result.errorLines.first?.hasPrefix("wsi: error[E_FILE]") == true)
        #expect(result.errorLines.first?.contains("copy.json") == true)
    }

    @Test func aCohortOfBrokenSlidesOnlyIsOneErrorForEach() throws {
        var labels = "slide_id,case_id,label\n"
        let names = (1...8).map { "slide_\($0)" }
        for (index, name) in names.enumerated() {
            _ = try scratch.write("no slide, number \(index)", to: "slides/\(name).svs")
            labels += "\(name),case_\(index),\(index % 2 == 0 ? "a" : "b")\n"
        }
        _ = try scratch.write(labels, to: "labels.csv")
        let config = try scratch.write(
            #"{"cohort": {"slides": "slides", "labels": "labels.csv", "folds": 2, "positive": "b"}, "model": {"kind": "abmil"}}"#,
            to: "study.json"
        )
        let result = try Command.run("run", "--config", config.path, "--out", job)
        #expect(result.exit == 3, "\(result.errors)")
        #expect(result.errorLines.count == names.count)
        for name in names {
            #expect(result.errorLines.count { $0.hasPrefix("wsi: error[E_SLIDE_OPEN] \(name):") } == 1)
        }
        #expect(!result.errors.contains("run wsi tile first"))
    }

    @Test(.enabled(if: hasFullDevice, "skipped: there is no /dev/full"))
    func aResultThatCannotBeWrittenIsAnErrorToTryAgain() throws {
        let stdout = try #require(FileHandle(forWritingAtPath: Self.full))
        let result = try Command.run(["info", slide.path, "--json"], output: stdout)
        #expect(result.exit == 75)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errorLines.first?.contains("stdout") == true)
    }

    @Test func aResultWithoutAStdoutIsAnErrorToo() throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let wsi = Command.programs.appending(path: "wsi").path
        shell.arguments = ["-c", #"exec "$0" info "$1" --json >&-"#, wsi, slide.path]
        let errors = Pipe()
        shell.standardError = errors
        try shell.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(shell.terminationReason == .exit)
        #expect(shell.terminationStatus == 75)
        #expect(said.split(separator: "\n").count == 1)
    }

    @Test(.enabled(if: hasFullDevice, "skipped: there is no /dev/full"))
    func aFullStderrStopsNoWork() throws {
        let stderr = try #require(FileHandle(forWritingAtPath: Self.full))
        #expect(try Command.run(["tile", slide.path, "--out", job], errors: stderr).exit == 0)
        let again = try Command.run("tile", slide.path, "--out", job)
        #expect(again.exit == 0)
        #expect(again.errors.contains("1 ok") && again.errors.contains("all already done"))
    }
}
