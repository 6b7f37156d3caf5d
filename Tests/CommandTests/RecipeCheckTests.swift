import Foundation
import TestSupport
import Testing

/// `scripts/recipe-test` and `Benchmarks/pairs-train` without a training.
@Suite struct RecipeCheckTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts").standardizedFileURL

    private static func python(
        _ words: [String],
        _ environment: [String: String] = [:]
    ) throws -> (exit: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B"] + words
        process.currentDirectoryURL = scripts
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let said = Pipe()
        (process.standardOutput, process.standardError) = (said, said)
        try process.run()
        let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static let hasNumPy = (try? python(["-c", "import numpy"]).exit) == 0

    @Test(.enabled(if: hasNumPy, "python3 has no numpy"))
    func itsPartsDoWhatTheySay() throws {
        let result = try Self.python(["-m", "unittest", "recipe.tests"])
        #expect(result.exit == 0, "\(result.said)")
    }

    @Test(.enabled(if: hasNumPy, "python3 has no numpy"))
    func whatItCannotDoIsSaid() throws {
        let unknown = try Self.python(["recipe-test", "--part", "nonsense"])
        #expect(unknown.exit == 2 && unknown.said.contains("nonsense is none of fresh, musk, "), "\(unknown.said)")
        for (arguments, said) in [
            (["--part", "fresh", "--models", "mhim"], "mhim is trained in none of fresh"),
            (["--part", "fresh,survival", "--models", "mhim"], "fresh trains abmil, acmil alone"),
            (["--models", "nonsense"], "nonsense is none of abmil, acmil, "),
        ] {
            let refused = try Self.python(["recipe-test"] + arguments)
            #expect(refused.exit == 2 && refused.said.contains(said), "\(refused.said)")
        }
        // Nothing is trained without data, and who names the part is told so.
        let program = try Scratch()
        let wsi = try program.write("#!/bin/sh\nexit 1\n", to: "wsi")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wsi.path)
        let musk = ["recipe-test", "--part", "musk", "--program", program.folder.path]
        let lacking = try Self.python(musk, ["WSI_SHARED_DIR": program["none"].path])
        #expect(lacking.exit == 1 && lacking.said.contains("FAIL  musk"), "\(lacking.said)")
        let absent = try Self.python(["recipe-test", "--program", "/none"])
        #expect(absent.exit == 2 && absent.said.contains("/none/wsi is not there; run make build"), "\(absent.said)")
    }

    /// `Benchmarks/pairs-train` with programs that print what `bench-train` would, by the name of the model.
    @Test(arguments: [
        (["abmil"], ["abmil"], [], 0, "PASS abmil fp32"),
        (["abmil"], ["abmil", "wikg"], [], 0, "NEW  wikg fp32"),
        ([], [], [], 2, "nothing was compared"),
        (["abmil"], ["wikg"], [], 2, "not measured by both builds in every round: abmil fp32"),
        (["abmil", "clam"], ["abmil"], [], 2, "in every round: clam fp32"),
        (["abmil"], ["abmil", "wikg"], ["1", "wikg"], 2, "not measured by both builds: wikg"),
        (["abmil"], ["abmil"], ["none"], 2, "none is no number of rounds"),
    ])
    func twoBuildsAreComparedOrItIsSaid(
        old: [String],
        new: [String],
        more: [String],
        exit: Int32,
        said: String
    ) throws {
        let scratch = try Scratch()
        for (folder, models) in [("old", old), ("new", new)] {
            let lines = models.map { "echo '\($0) fp32 10000 1024 | 10.0 x | 5.0 x'\n" }.joined()
            let file = try scratch.write("#!/bin/sh\n" + lines, to: "\(folder)/bench-train")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        let arguments = ["../Benchmarks/pairs-train", scratch["old"].path, scratch["new"].path]
        let result = try Self.python(arguments + (more.isEmpty ? ["2"] : more))
        #expect(result.exit == exit && result.said.contains(said), "\(result.exit): \(result.said)")
    }
}
