import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Pipeline
@testable import Storage

/// `wsi plan`, and a training that follows it.
@Suite struct PlanCommandTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// 12 slides of 6 cases with 200 patches of 4 numbers.
    private func study(_ training: String, model: String = #"{"kind": "abmil", "hidden": 8}"#) throws -> String {
        let slides = (0..<12).map { "s\($0)" }
        let tensors = slides.enumerated().map { index, slide in
            let values = (0..<800).map {
                Float((index * 31 + $0 * 17) % 13) / 13 + ($0 == 4 ? Float(index / 2 % 2) : 0)
            }
            return ("\(slide)/features", StoredTensor(shape: [200, 4], floats: values))
        }
        try SafeTensors(tensors: Dictionary(uniqueKeysWithValues: tensors)).write(to: scratch["bags.safetensors"])
        let rows = slides.enumerated().map { "p\($0.offset / 2),\($0.element),\($0.offset / 2 % 2)\n" }
        _ = try scratch.write("case_id,slide_id,label\n" + rows.joined(), to: "labels.csv")
        let text = """
            {"name": "m", "cohort": {"labels": "labels.csv", "folds": 3}, "features": {"path": "bags.safetensors"},
             "model": \(model), "training": {\(training)}, "evaluation": {"bootstrap": 100}}
            """
        return try scratch.write(text, to: "study.json").path
    }

    @Test func thePlanIsShownWithItsReasonsAndIsThatOfTheCheckpoint() throws {
        let config = try study(#""plan": "auto", "epochs": 3, "device": "cpu""#)
        let shown = try Command.run("plan", "--config", config)
        #expect(shown.exit == 0, "\(shown.errors)")
        let lines = shown.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("fold 0: ") && $0.contains("200 patches") })
        #expect(lines.contains { $0.hasPrefix("epochs ") && $0.contains(" 3 ") && $0.contains("stands in the config") })
        #expect(lines.contains { $0.hasPrefix("learning_rate ") && !$0.contains("stands in the config") })
        #expect(!lines.contains { $0.contains("is not auto") })
        let json = try Command.run("plan", "--config", config, "--json")
        let plan = try JSONDecoder().decode(StudyPlan.self, from: Data(json.output.utf8))
        #expect(plan.isInForce && plan.folds.map(\.fold) == [0, 1, 2])
        #expect(!Scratch.tree(scratch.folder).keys.contains { $0.contains("job") }, "nothing is written")
        let trained = try Command.run("train", "--config", config, "--out", scratch["job"].path)
        #expect(trained.exit == 0, "\(trained.errors)")
        struct Card: Decodable { var plan: TrainingPlan }
        for fold in plan.folds {
            let card = scratch["job/training/m/fold_\(fold.fold)/checkpoint.json"]
            #expect(try CanonicalJSON.read(Card.self, from: card).plan == fold.plan)
        }
        let page = try String(contentsOf: scratch["job/training/m/report.html"], encoding: .utf8)
        #expect(page.contains("Filled in by the plan"))
    }

    @Test func withoutThePlanItIsSaidThatNothingFollowsIt() throws {
        let shown = try Command.run("plan", "--config", try study(#""epochs": 3"#))
        #expect(shown.exit == 0 && shown.output.hasPrefix("training.plan is not auto"), "\(shown.errors)")
    }

    @Test func keysOfAStepThatDoNotGoWithTheModelAreRefusedBeforeAnyWork() throws {
        let config = try study(#""patches_per_step": 50"#, model: #"{"kind": "mhim"}"#)
        for arguments in [["check"], ["plan"], ["train", "--out", scratch["job"].path]] {
            let refused = try Command.run(arguments + ["--config", config])
            #expect(refused.exit == 2, "\(arguments) \(refused.errors)")
            #expect(refused.errors.contains("training.patches_per_step: mhim chooses itself"), "\(refused.errors)")
        }
    }

    @Test func aPlanNeedsFeatures() throws {
        let config = try study(#""plan": "auto""#)
        let text = try String(contentsOf: URL(filePath: config), encoding: .utf8)
            .replacing(#""features": {"path": "bags.safetensors"}"#, with: #""features": {"encoder": "he-texture-v1"}"#)
            .replacing(#""cohort": {"#, with: #""cohort": {"slides": "slides", "#)
        try FileManager.default.createDirectory(at: scratch["slides"], withIntermediateDirectories: true)
        _ = try scratch.write(text, to: "study.json")
        let refused = try Command.run("plan", "--config", config)
        #expect(refused.exit == 2, "\(refused.output)\(refused.errors)")
    }
}
