import Foundation
import TestSupport
import Testing

/// `wsi init` on what a newcomer has, and what the other commands say of its config.
@Suite struct InitCommandTests {
    @Test func theConfigOfASampleCohortIsOneThatCheckAccepts() throws {
        let scratch = try Scratch()
        let (slides, labels) = (scratch["cohort/slides"].path, scratch["cohort/labels.csv"].path)
        let sample = try Command.run("sample", scratch["cohort"].path, "--slides", "8", "--side", "2048", "--quiet")
        try #require(sample.exit == 0, "\(sample.errors)")
        let out = scratch["study.json"].path

        let made = try Command.run("init", slides, labels, "--out", out)
        #expect(made.exit == 0, "\(made.errors)")
        #expect(made.output == out + "\n")
        let text = try String(contentsOf: scratch["study.json"], encoding: .utf8)
        #expect(text.contains(#""slides": "cohort/slides""#) && text.contains(#""classes": ["normal","tumor"]"#))
        for key in ["cohort.classes = normal, tumor:", "cohort.folds = ", "tiling.mpp = 0.5:", "features.encoder = "] {
            #expect(made.errors.contains(key), "\(key) in \(made.errors)")
        }
        let check = try Command.run("check", "--config", out)
        #expect(check.exit == 0, "\(check.output)\(check.errors)")

        let again = try Command.run("init", slides, labels, "--out", out)
        #expect(again.exit == 2 && again.errors.contains("there is such a file already"))
        #expect(try String(contentsOf: scratch["study.json"], encoding: .utf8) == text)
    }

    @Test func whatIsNotThereOrLeavesAQuestionOpenIsSaidAndWritesNothing() throws {
        let scratch = try Scratch()
        let out = scratch["study.json"].path
        let rows = (0..<20).map { "s\($0),\($0 % 2 == 0 ? "x" : "y")\n" }
        let labels = try scratch.write("slide_id,label\n\(rows.joined())", to: "labels.csv").path
        for index in 0..<20 { try scratch.write("no slide", to: "slides/s\(index).svs") }
        let cases: [(arguments: [String], said: String)] = [
            ([labels], "name the slides and the labels"),
            ([scratch["none"].path, labels], "there is no such file or folder"),
            ([scratch["slides"].path, scratch["none.csv"].path], "none.csv: there is no such file or folder"),
            ([scratch["slides"].path, labels], "--positive x or --positive y"),
            ([scratch["slides"].path, labels, "--positive", "z"], "none of the labels"),
            ([scratch["slides"].path, labels, "--slide-mpp", "nan"], "--slide-mpp: a number of µm"),
            ([labels, "--features", scratch["slides"].path, "--slide-mpp", "0.5"], "not for --features"),
            ([scratch["slides"].path, labels, "--label-column", "grade"], "there is no column 'grade'"),
        ]
        for (arguments, said) in cases {
            let refused = try Command.run(["init"] + arguments + ["--out", out])
            #expect(refused.exit == 2 && refused.output.isEmpty, "\(arguments)")
            #expect(refused.errors.contains(said), "\(arguments): \(refused.errors)")
        }
        // Nothing of the slides can be looked at.
        let blind = try Command.run("init", scratch["slides"].path, labels, "--positive", "y", "--out", out)
        #expect(blind.exit == 3 && blind.errors.contains("E_SLIDE_OPEN"), "\(blind.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func anEncoderThatIsNotThereIsRefused() throws {
        let scratch = try Scratch()
        let rows = (0..<20).map { "s\($0),\($0 % 2)\n" }
        let labels = try scratch.write("slide_id,label\n\(rows.joined())", to: "labels.csv").path
        for index in 0..<20 { try scratch.write("no slide", to: "slides/s\(index).svs") }
        let out = scratch["study.json"].path
        let refused = try Command.run(
            "init",
            scratch["slides"].path,
            labels,
            "--encoder",
            scratch["none.json"].path,
            "--out",
            out
        )
        #expect(refused.exit == 2 && refused.errors.contains("no such encoder"))
        #expect(!FileManager.default.fileExists(atPath: out))
    }
}
