import Foundation
import TestSupport
import Testing

/// Several processes on one job. `scripts/race-test` does more of it, at random moments.
extension StudyCommandTests {
    private func atOnce(_ commands: [[String]]) async throws -> [Command] {
        try await withThrowingTaskGroup(of: (Int, Command).self) { group in
            for (place, words) in commands.enumerated() { group.addTask { (place, try Command.run(words)) } }
            return try await group.reduce(into: [(Int, Command)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// A finished job without its training, and what lies below `training` and `outcomes` of the finished one.
    private func untrained(_ scratch: Scratch, as name: String) throws -> (job: URL, finished: [String: Data]) {
        let job = try finishedJob(scratch, as: name)
        let finished = results(job)
        for path in ["training", "outcomes/train_acmil", "outcomes/evaluate_acmil"] {
            try FileManager.default.removeItem(at: job.appending(path: path))
        }
        return (job, finished)
    }

    private func results(_ job: URL) -> [String: Data] {
        Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") }
    }

    @Test func equalTrainingsAtOnceLeaveWhatOneLeaves() async throws {
        let scratch = try Self.cohort.get()
        let (job, finished) = try untrained(scratch, as: "trainedAtOnce")
        let train = ["train", "--config", scratch["study.json"].path, "--out", job.path, "--quiet"]
        for end in try await atOnce([[String]](repeating: train, count: 5)) { #expect(end.exit == 0, "\(end.errors)") }
        #expect(results(job) == finished)
    }

    @Test func ofDifferentTrainingsAtOnceOneWinsAndTheOthersSayWhatDiffers() async throws {
        let scratch = try Self.cohort.get()
        let (job, _) = try untrained(scratch, as: "trainedApart")
        let other = try scratch.write(
            Self.config(folds: 2, bootstrap: 200).replacing(#""epochs": 3"#, with: #""epochs": 4"#),
            to: "longer.json"
        )
        let configs = [scratch["study.json"].path, other.path, scratch["study.json"].path, other.path]
        let ends = try await atOnce(configs.map { ["train", "--config", $0, "--out", job.path, "--quiet"] })
        let winners = Set(zip(configs, ends).filter { $1.exit == 0 }.map(\.0))
        #expect(winners.count == 1)
        for (config, end) in zip(configs, ends) where !winners.contains(config) {
            #expect(end.exit == 4)
            #expect(end.errors.contains("E_FINGERPRINT") && end.errors.contains("training.epochs"), "\(end.errors)")
        }
        // What the winner made is whole.
        let status = try Command.run("status", job.path, "--digests")
        #expect(status.exit == 0)
        let again = try Command.run("train", "--config", winners.first ?? "", "--out", job.path)
        #expect(again.exit == 0 && again.errors.contains("all already done"), "\(again.errors)")
    }

    /// Which the process of the tests itself seems to be here.
    @Test func aRunBesideAnotherOneNamesItAndIsWorthARetry() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "busy")
        let own = ProcessInfo.processInfo
        let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        let start = stat[try #require(stat.lastIndex(of: ")"))...].split(separator: " ")[20]
        let record = """
            {"process": {"host": "\(own.hostName)", "number": \(own.processIdentifier), "start": "\(start)"},
             "began": "2026-05-01T12:00:00Z", "command": "wsi run --out busy"}
            """
        let before = results(job)
        let turn = try scratch.write(record, to: "busy/audit/turns/run/000001.json")
        let refused = try run(scratch, "busy")
        #expect(refused.exit == 75)
        #expect(refused.errorLines.count == 1)
        for words in [
            "error[E_BUSY]", "process \(own.processIdentifier) ", "2026-05-01", "wsi run --out busy", "--wait",
        ] {
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
        // One of another host's is named.
        let elsewhere = record.replacing("\"host\": \"\(own.hostName)\"", with: #""host": "another-host""#)
        _ = try scratch.write(elsewhere, to: "busy/audit/turns/run/000001.json")
        let beside = try run(scratch, "busy", "--wait")
        #expect(beside.exit == 0)
        #expect(beside.errors.contains("process \(own.processIdentifier) of another-host"), "\(beside.errors)")
        #expect(results(job) == before)
        try FileManager.default.removeItem(at: turn)
    }
}
