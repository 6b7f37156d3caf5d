import Foundation
import TestSupport
import Testing

/// A training as several jobs: `wsi train --fold`, `wsi train --join`.
extension StudyCommandTests {
    private func results(_ job: URL) -> [String: Data] {
        Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") }
    }

    /// A finished job without its training, and what the finished one has.
    private func untrained(_ scratch: Scratch, as name: String) throws -> (job: URL, finished: [String: Data]) {
        let job = try finishedJob(scratch, as: name)
        let finished = results(job)
        for path in ["training", "outcomes/train_acmil", "outcomes/evaluate_acmil"] {
            try FileManager.default.removeItem(at: job.appending(path: path))
        }
        return (job, finished)
    }

    private func train(_ config: URL, _ job: URL, _ more: String...) throws -> Command {
        try Command.run(["train", "--config", config.path, "--out", job.path] + more)
    }

    @Test func foldsThatAreTrainedAloneAndJoinedAreTheWholeTraining() throws {
        let scratch = try Self.cohort.get()
        let (job, finished) = try untrained(scratch, as: "foldByFold")
        let config = scratch["study.json"]
        let before = results(job)
        let early = try train(config, job, "--join")
        #expect(early.exit == 75)
        #expect(
            early.errorLines.first?.contains("E_INCOMPLETE] train_acmil: 2 of 2 folds are missing: fold_0, fold_1;")
                == true
        )
        #expect(results(job) == before)

        let first = try train(config, job, "--fold", "1")
        #expect(first.exit == 0 && first.output.isEmpty, "\(first.errors)")
        #expect(first.errors.contains("train_acmil: 1 fold: 1 ok"))
        let added = results(job).filter { before[$0.key] == nil }
        #expect(
            added.keys.allSatisfy { $0.hasPrefix("training/acmil/fold_1/") || $0.hasPrefix("outcomes/train_acmil/") }
        )
        #expect(added.allSatisfy { finished[$0.key] == $0.value }, "as a whole training writes them")

        let second = try train(config, job, "--join")
        #expect(second.exit == 75)
        #expect(second.errorLines.count == 1)
        #expect(second.errorLines.first?.contains("1 of 2 folds are missing: fold_0;") == true)
        #expect(results(job) == before.merging(added) { $1 })

        #expect(try train(config, job, "--fold", "0", "--quiet").exit == 0)
        let joined = try train(config, job, "--join")
        #expect(joined.exit == 0, "\(joined.errors)")
        #expect(joined.output.contains("next    wsi predict"))
        #expect(results(job) == finished)
        #expect(try train(config, job, "--join").errors.contains("all already done"))
        #expect(results(job) == finished)
    }

    @Test func foldsOfAnotherConfigurationAreNotJoinedAndNotCalledMissing() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "joinedAnew")
        let text = Self.config(folds: 2, bootstrap: 200).replacing(#""epochs": 3"#, with: #""epochs": 5"#)
        let changed = try scratch.write(text, to: "joinedAnew.json")
        let before = results(job)
        for more in [["--join"], ["--join", "--redo"]] {
            let refused = try Command.run(["train", "--config", changed.path, "--out", job.path] + more)
            #expect(refused.exit == 4 && refused.errors.contains("wsi train --fold K --redo"), "\(refused.errors)")
            #expect(results(job) == before)
        }
    }

    @Test func aTrainingAfterSingleFoldsTrainsWhatIsMissingAndJoins() throws {
        let scratch = try Self.cohort.get()
        let (job, finished) = try untrained(scratch, as: "foldThenAll")
        let config = scratch["study.json"]
        #expect(try train(config, job, "--fold", "0").exit == 0)
        let rest = try train(config, job)
        #expect(rest.exit == 0 && rest.errors.contains("(1 were already done)"), "\(rest.errors)")
        #expect(results(job) == finished)
    }

    @Test func equalFoldsAtOnceLeaveWhatOneLeaves() async throws {
        let scratch = try Self.cohort.get()
        let (job, finished) = try untrained(scratch, as: "foldAtOnce")
        let config = scratch["study.json"]
        try await withThrowingTaskGroup(of: Command.self) { group in
            for fold in ["0", "0", "1", "0-1"] { group.addTask { try train(config, job, "--fold", fold) } }
            for try await end in group { #expect(end.exit == 0, "\(end.errors)") }
        }
        #expect(try train(config, job, "--join").exit == 0)
        #expect(results(job) == finished)
    }

    @Test func aFoldOfOtherSettingsIsInTheWayOfTheJoinAndOfOthers() throws {
        let scratch = try Self.cohort.get()
        let (job, _) = try untrained(scratch, as: "foldOther")
        let text = Self.config(folds: 2, bootstrap: 200).replacing(#""epochs": 3"#, with: #""epochs": 2"#)
        let other = try scratch.write(text, to: "shorter.json")
        #expect(try train(other, job, "--fold", "0").exit == 0)
        let before = results(job)
        for more in ["--join", "--fold=0"] {
            let refused = try train(scratch["study.json"], job, more)
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.errorLines.first?.contains("training.epochs 2, now 3") == true, "\(refused.errors)")
        }
        #expect(results(job) == before)
    }

    @Test func ofSeveralSeedsOneIsNamed() throws {
        let scratch = try Self.cohort.get()
        let (job, _) = try untrained(scratch, as: "foldSeeds")
        let whole = scratch["foldSeedsWhole"]
        try FileManager.default.copyItem(at: job, to: whole)
        let text = Self.config(folds: 2, bootstrap: 200).replacing(
            #""epochs": 3"#,
            with: #""epochs": 1, "seeds": [3, 8]"#
        )
        let config = try scratch.write(text, to: "seeds.json")
        let unnamed = try train(config, job, "--fold", "0")
        #expect(
            unnamed.exit == 2 && unnamed.errors.contains("training.seeds has 3, 8: name the one"),
            "\(unnamed.errors)"
        )
        let strange = try train(config, job, "--fold", "0", "--seed", "4")
        #expect(strange.exit == 2 && strange.errors.contains(": training.seeds has 3, 8"), "\(strange.errors)")
        #expect(try train(config, job, "--join", "--seed", "3").exit == 2)
        for seed in ["8", "3"] { #expect(try train(config, job, "--fold", "0,1", "--seed", seed).exit == 0) }
        #expect(try train(config, job, "--join").exit == 0)
        #expect(try train(config, whole).exit == 0)
        #expect(results(job) == results(whole))
    }

    @Test(arguments: [
        (["--fold", "2"], "--fold 2: this study has folds 0 to 1"), (["--fold", "0-7"], "--fold 2: this study has"),
        (["--fold", "x"], "'x' is invalid"), (["--fold", "1-0"], "'1-0' is invalid"),
        (["--fold", "0,"], "'0,' is invalid"),
        (["--fold", "0", "--join"], "--join makes no fold"),
    ])
    func foldsThatDoNotExistAreAMistakeOfTheCommand(more: [String], text: String) throws {
        let scratch = try Self.cohort.get()
        let words = ["train", "--config", scratch["study.json"].path, "--out", scratch["foldNone"].path] + more
        let result = try Command.run(words)
        #expect(result.exit == 2)
        #expect(result.errors.contains(text), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch["foldNone"].path))
    }
}
