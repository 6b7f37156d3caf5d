import Files
import Foundation
import TestSupport
import Testing

/// Several seeds of a training as one: `training.seeds` as a number, and `wsi predict` with all of them.
extension StudyCommandTests {
    @Test func severalSeedsPredictAsOneAndSayWhoDidNotTakePart() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "ensemble")
        for path in [
            "training", "predictions", "outcomes/train_acmil", "outcomes/evaluate_acmil", "outcomes/predict_acmil",
        ] {
            try FileManager.default.removeItem(at: job.appending(path: path))
        }
        let text = Self.config(folds: 2, bootstrap: 200)
            .replacing(#""epochs": 3"#, with: #""epochs": 1, "seeds": 2"#)
        let config = try scratch.write(text, to: "ensemble.json")
        let trained = try Command.run(["train", "--config", config.path, "--out", job.path])
        #expect(trained.exit == 0 && trained.output.contains("mean of 2 seeds"), "\(trained.errors)")
        let summary = try object(job.appending(path: "training/acmil/metrics.json"))
        guard case .object(let ensemble)? = summary["ensemble"], case .array(let models)? = ensemble["models"],
            case .array(let baselines)? = summary["baselines"]
        else { throw Failure("metrics.json has no ensemble or no baselines") }
        #expect(models.count == 2 && baselines.count == 3)

        let predict = ["predict", job.path, "--model", "acmil"]
        let predicted = try Command.run(predict)
        #expect(predicted.exit == 0, "\(predicted.errors)")
        #expect(predicted.errors.contains("the mean of 4 models"), "\(predicted.errors)")
        let folder = job.appending(path: "predictions/acmil")
        let table = try Data(contentsOf: folder.appending(path: "ensemble.csv"))
        let lines = String(decoding: table, as: UTF8.self).split(whereSeparator: \.isNewline)
        #expect(lines[0].hasPrefix("slide_id,models,predicted,prob_") && lines[0].hasSuffix(",agreement"))
        // Each slide by the fold that tested it, of both seeds.
        #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",")[1] == "2" })
        #expect(try Command.run(predict).exit == 0)
        #expect(try Data(contentsOf: folder.appending(path: "ensemble.csv")) == table)

        let whole = try Command.run("run", "--config", config.path, "--out", job.path)
        #expect(whole.exit == 0 && whole.errors.contains("with the models of 2 seeds: 0, 1"), "\(whole.errors)")
        #expect(whole.errors.contains("maps of acmil are the mean of its 2 seeds: 0, 1"), "\(whole.errors)")
        let maps = Scratch.tree(job.appending(path: "heatmaps/acmil")).filter { $0.key.hasSuffix(".csv") }
        let heads = maps.values.map { String(String(decoding: $0, as: UTF8.self).prefix { !$0.isNewline }) }
        #expect(!heads.isEmpty && heads.allSatisfy { $0.hasSuffix(",seed_0,seed_1") }, "\(heads)")

        // Without its study, without a fold, and without its folder.
        for (path, folds) in [
            ("seed_1/study.json", [0, 1]), ("seed_1/fold_1/checkpoint.json", [1]), ("seed_1", [0, 1]),
        ] {
            try FileManager.default.removeItem(at: job.appending(path: "training/acmil/\(path)"))
            let partial = try Command.run(predict)
            #expect(partial.errors.contains("take no part: seeds 1"), "\(path): \(partial.errors)")
            guard case .array(let missing)? = try object(folder.appending(path: "ensemble.json"))["missing"] else {
                throw Failure("ensemble.json does not say who is missing")
            }
            let named = missing.compactMap { entry in
                if case .object(let one) = entry, one["seed"] == .number(1) { one["fold"] } else { nil as JSONValue? }
            }
            #expect(named == folds.map { .number(Double($0)) }, "\(path): \(missing)")
            guard path.hasSuffix("study.json") else { continue }
            let verified = try Command.run(["verify", job.path])
            #expect((verified.output + verified.errors).contains("0 strangers"), "\(verified.output)")
        }
    }

    private struct Failure: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private func object(_ url: URL) throws -> [String: JSONValue] {
        try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: url))
    }
}
