import Foundation
import TestSupport
import Testing

@testable import Files

/// stderr as a log: `--log-json`, and what stands there without a terminal.
@Suite struct LogTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private struct Line: Decodable {
        struct Progress: Decodable {
            var done: Int
            var total: Int
            var rate: Double?
            var eta: Double?
        }

        var time: String
        var level: String
        var command: String
        var stage: String?
        var slide: String?
        var code: String?
        var subject: String?
        var message: String
        var progress: Progress?
    }

    /// Every line of stderr.
    private func lines(_ command: Command) throws -> [Line] {
        let texts = command.errors.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(texts.last == "", "the last line is whole")
        return try texts.dropLast().map { text in
            try #require(try? JSONDecoder().decode(Line.self, from: Data(text.utf8)), "no line of the log: \(text)")
        }
    }

    private func sample(_ slides: Int = 2) throws -> URL {
        let made = try Command.run("sample", scratch["s"].path, "--slides", "\(slides)", "--side", "2048", "--quiet")
        try #require(made.exit == 0)
        return scratch["s/slides"]
    }

    @Test func everyLineOfAGoodRunIsAnObject() throws {
        let words = ["tile", try sample().path, "--out", scratch["job"].path]
        let result = try Command.run(words + ["--log-json"])
        #expect(result.exit == 0 && result.output.isEmpty)
        let lines = try lines(result)
        #expect(lines.allSatisfy { $0.command == "tile" && $0.level == "info" && $0.code == nil })
        let date = try Regex(#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"#)
        #expect(lines.allSatisfy { $0.time.wholeMatch(of: date) != nil }, "\(lines.map(\.time))")
        let first = try #require(lines.compactMap(\.progress).first)
        let last = try #require(lines.compactMap(\.progress).last)
        #expect((first.done, first.total, first.rate) == (0, 2, nil))
        #expect((last.done, last.total) == (2, 2) && last.rate ?? 0 > 0)
        #expect(lines.contains { $0.stage == "tile" && $0.message.hasPrefix("tile: 2 slides: 2 ok") })
        // Without it the same is said in words.
        let again = try Command.run(words)
        #expect(again.errors.contains("tile: 2 slides: 2 ok, 0 empty, 0 failed (all already done)\n"))
    }

    @Test func everyLineOfARunWithFailuresIsAnObject() throws {
        let slides = try sample()
        try scratch.write("no slide", to: "s/slides/torn.svs")
        try scratch.write("x,y\n", to: "s/slides/évil.svs")
        let result = try Command.run("tile", slides.path, "--out", scratch["job"].path, "--log-json")
        #expect(result.exit == 3)
        let errors = try lines(result).filter { $0.level == "error" }
        let torn = try #require(errors.first { $0.slide == "torn" })
        #expect((torn.stage, torn.code) == ("tile", "E_SLIDE_OPEN"), "\(torn)")
        #expect(!torn.message.contains("error["))
    }

    @Test(arguments: [
        (["tile", "none.svs", "--out", "j"], 2, "E_NOT_FOUND"),
        (["tile", "a.svs", "--out", "j", "--workers", "0"], 2, "E_USAGE"),
        (["train", "--config", "none.json", "--out", "j", "--fold", "x"], 2, "E_USAGE"),
        (["features", "none", "--encoder", "he-texture-v1"], 2, "E_NOT_FOUND"), (["tile", "--mpp"], 2, "E_USAGE"),
        (["status", "none"], 2, "E_NOT_FOUND"), (["verify", "none"], 2, "E_NOT_FOUND"),
        (["check", "--config", "none.json"], 2, "E_NOT_FOUND"), (["init", "none", "none.csv"], 2, "E_NOT_FOUND"),
        (["info", "none.svs"], 2, "E_NOT_FOUND"), (["evaluate", "none", "--model", "m"], 2, "E_NOT_FOUND"),
        (["encoder", "check", "none.json"], 2, "E_NOT_FOUND"),
        (["til"], 2, "E_USAGE"), (["tile", "", "--out", "j"], 2, "E_USAGE"),
    ])
    func whatEndsACommandBeforeItsWorkIsAnObject(words: [String], exit: Int32, code: String) throws {
        let place = scratch.folder.path
        let result = try Command.run(
            shell: "cd '\(place)' && exec \"$@\" \(words.map { "'\($0)'" }.joined(separator: " ")) --log-json"
        )
        #expect(result.exit == exit)
        let lines = try lines(result)
        #expect(lines.map(\.code) == [code], "\(result.errors)")
        let command = words[0] == "encoder" ? "encoder check" : words[0]
        #expect(lines.first?.command == (words[0] == "til" ? "" : command))
    }

    @Test func everyCommandOfSlidesStudiesAndJobsKeepsALog() throws {
        _ = try sample(8)
        let (study, job) = (scratch["study.json"].path, scratch["job"].path)
        let calls = [
            ["sample", scratch["s"].path, "--slides", "8", "--side", "2048"],
            ["info", scratch["s/slides/sample_001.svs"].path],
            ["init", scratch["s/slides"].path, scratch["s/labels.csv"].path, "--out", study],
            ["tile", scratch["s/slides"].path, "--out", job], ["status", job], ["verify", job, "--slides"],
            ["check", "--config", study],
        ]
        for words in calls {
            let result = try Command.run(words + ["--log-json"])
            let isGood = try result.exit == 0 && lines(result).allSatisfy { $0.command == words[0] && $0.code == nil }
            #expect(isGood, "\(words): \(result.errors)")
        }
    }

    @Test func wordsThatFollowTheEndOfFlagsAskForNothing() throws {
        let result = try Command.run("tile", "--out", scratch["j"].path, "--", "--log-json")
        #expect(result.exit == 2 && result.errors.hasPrefix("wsi: error["), "\(result.errors)")
    }

    @Test func aLogHasNoCarriageReturnsAndWholeLines() throws {
        let result = try Command.run("tile", try sample().path, "--out", scratch["job"].path)
        #expect(result.exit == 0)
        #expect(!result.errors.contains("\r") && !result.errors.contains("\u{1B}") && result.errors.hasSuffix("\n"))
    }
}
