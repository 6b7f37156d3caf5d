import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import Storage

/// A study whose folds compare candidates: `wsi check`, `train`, its parts, `predict`, `evaluate`, `verify`.
@Suite struct SearchCommandTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// 12 slides of 6 cases with 40 patches of 4 numbers.
    private func study(_ search: String, training: String = "", as name: String = "study.json") throws -> String {
        let slides = (0..<12).map { "s\($0)" }
        let tensors = slides.enumerated().map { index, slide in
            let values = (0..<160).map {
                Float((index * 31 + $0 * 17) % 13) / 13 + ($0 % 4 == 0 ? Float(index / 2 % 2) : 0)
            }
            return ("\(slide)/features", StoredTensor(shape: [40, 4], floats: values))
        }
        let features = scratch["bags.safetensors"]
        if !FileManager.default.fileExists(atPath: features.path) {
            try SafeTensors(tensors: Dictionary(uniqueKeysWithValues: tensors)).write(to: features)
        }
        let rows = slides.enumerated().map { "p\($0.offset / 2),\($0.element),\($0.offset / 2 % 2)\n" }
        _ = try scratch.write("case_id,slide_id,label\n" + rows.joined(), to: "labels.csv")
        let text = """
            {"name": "m", "cohort": {"labels": "labels.csv", "folds": 3}, "features": {"path": "bags.safetensors"},
             "model": {"kind": "abmil", "hidden": 8}, "training": {"device": "cpu", "epochs": 2\(training)},
             "search": \(search), "evaluation": {"bootstrap": 100}}
            """
        return try scratch.write(text, to: name).path
    }

    private static let three =
        #"{"training": {"learning_rate": [1e-9, 0.01], "epochs": [2, 3]}, "candidates": 3, "seed": 1, "measure": "loss"}"#

    private func results(_ job: URL) -> [String: Data] {
        Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") }
    }

    private func train(_ config: String, _ job: String = "job", _ more: String...) throws -> Command {
        try Command.run(["train", "--config", config, "--out", scratch[job].path] + more)
    }

    @Test func howManyTrainingsThereAreIsSaidBeforeThem() throws {
        let config = try study(Self.three)
        let words =
            "search: 3 of 4 combinations, drawn by seed 1, compared by loss on the validation part of each fold: "
            + "3 folds × 3 candidates = 9 trainings"
        let checked = try Command.run("check", "--config", config)
        #expect(checked.exit == 0 && (checked.output + checked.errors).contains(words), "\(checked.errors)")
        let trained = try train(config)
        #expect(trained.exit == 0 && trained.errors.contains(words), "\(trained.errors)")
    }

    @Test func aSearchIsToldByItsFilesAndItsJobIsWhole() throws {
        let config = try study(Self.three, training: #", "seeds": [3, 8]"#)
        let trained = try train(config)
        #expect(trained.exit == 0, "\(trained.errors)")
        let top = scratch["job/training/m"]
        let table = try Table(contentsOf: top.appending(path: "search.csv"))
        #expect(
            table.columns == [
                "seed", "fold", "candidate", "training.learning_rate", "training.epochs", "measure", "validation",
                "epoch",
                "chosen", "failure",
            ]
        )
        #expect(table.rows.count == 18 && table.rows.count { $0["chosen"] == "1" } == 6)
        let own = try Table(contentsOf: top.appending(path: "seed_3/search.csv"))
        #expect(own.rows.count == 9 && own.rows.allSatisfy { $0["seed"] == "3" })
        for row in table.rows where row["chosen"] == "1" {
            let fold = top.appending(path: "seed_\(row["seed"])/fold_\(row["fold"])")
            let card = try CanonicalJSON.read(CheckpointCard.self, from: FoldFolder(fold).file(.card))
            #expect(card.search?.chosen == Int(row["candidate"]))
            #expect(card.training.learningRate == Double(row["training.learning_rate"]))
            #expect(card.recipe.epochs == Int(row["training.epochs"]))
            let rivals = table.rows.filter { $0["seed"] == row["seed"] && $0["fold"] == row["fold"] }
            #expect(rivals.compactMap { Double($0["validation"]) }.min() == Double(row["validation"]))
        }
        let metrics = try CanonicalJSON.read(EvaluationReport.self, from: top.appending(path: "seed_8/metrics.json"))
        #expect((metrics.search?.candidates, metrics.search?.choices.count) == (3, 3))
        for page in ["report.html", "seed_3/report.html"] {
            let text = try String(contentsOf: top.appending(path: page), encoding: .utf8)
            #expect(text.contains("<h2>Search</h2>") && text.contains("of the nested procedure"), "\(page)")
        }
        let job = scratch["job"].path
        let evaluated = try Command.run("evaluate", job, "--model", "m/seed_3")
        #expect(evaluated.exit == 0 && evaluated.output.contains("search: 3 candidates by validation loss"))
        let predicted = try Command.run("predict", job, "--model", "m")
        #expect(predicted.exit == 0, "\(predicted.errors)")
        let verified = try Command.run("verify", job)
        #expect(verified.exit == 0 && !verified.output.contains("/search/"), "\(verified.output)\(verified.errors)")
        #expect(try Command.run("status", job).exit == 0)
    }

    @Test func foldsThatAreSearchedAloneAndJoinedAreTheWholeSearch() throws {
        let config = try study(Self.three)
        #expect(try train(config, "whole").exit == 0)
        for fold in ["1", "0,2"] { #expect(try train(config, "parts", "--fold", fold).exit == 0) }
        #expect(try train(config, "parts", "--join").exit == 0)
        #expect(results(scratch["parts"]) == results(scratch["whole"]))
    }

    @Test func aChangedSearchTrainsWhatIsNewAlone() throws {
        let before = try study(#"{"training": {"learning_rate": [1e-9, 0.01]}, "measure": "loss"}"#)
        #expect(try train(before).exit == 0)
        let after = try study(
            #"{"training": {"learning_rate": [1e-9, 0.003, 0.01]}, "measure": "loss"}"#,
            as: "after.json"
        )
        let refused = try train(after)
        #expect(refused.exit == 4 && refused.errors.contains("search"), "\(refused.errors)")
        func records() throws -> [String: Int] {
            let folder = scratch["job/training/m"]
            let paths = Scratch.tree(folder).keys.filter { $0.hasSuffix("/candidate.json") }
            return try Dictionary(
                uniqueKeysWithValues: paths.map { path in
                    let facts = try FileManager.default.attributesOfItem(atPath: folder.appending(path: path).path)
                    return (path, try #require(facts[.systemFileNumber] as? Int))
                }
            )
        }
        let old = try records()
        #expect(try train(after, "job", "--redo").exit == 0)
        let new = try records()
        #expect((old.count, new.count) == (6, 9) && old.allSatisfy { new[$0.key] == $0.value })
        #expect(try train(after, "fresh").exit == 0)
        #expect(results(scratch["job"]) == results(scratch["fresh"]))
    }

    @Test(arguments: [
        (
            #"{"models": [{"kind": "abmil"}, {"kind": "transmil"}], "training": {"mixup": [null, 0.3]}, "measure": "loss"}"#,
            "candidate 4 (model transmil, training.mixup 0.3): transmil is not for bags"
        ),
        (#"{"training": {"learning_rate": [0.1, 7]}}"#, "search.training.learning_rate[1]"),
    ])
    func whatCannotBeSearchedIsSaidBeforeAnyWork(search: String, words: String) throws {
        let config = try study(search)
        for command in [["check"], ["train", "--out", scratch["job"].path]] {
            let refused = try Command.run(command + ["--config", config])
            #expect(refused.exit == 2 && refused.errors.contains(words), "\(command) \(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch["job/training"].path))
    }
}
