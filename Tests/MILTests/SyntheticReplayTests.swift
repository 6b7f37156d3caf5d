import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

/// Whole runs of the authors' ABMIL on a synthetic problem: initial parameters and the order of the bags are recorded, and
/// nothing else in it is random.
@Suite struct SyntheticReplayTests {
    private static let folder = SharedData.file("mil/synthetic")

    /// Test AUC at the epoch that validation prefers and at the last one, and the last mean training loss, by seed.
    private static let recorded: [(auc: Double, last: Double, loss: Double)] = [
        (0.9175, 0.90667, 0.00248), (0.9057, 0.89679, 0.00151), (0.9121, 0.90815, 0.00249), (0.8874, 0.87753, 0.00173),
        (0.8815, 0.86765, 0.00225),
    ]

    /// The seeds to replay, such as `WSI_REPLAY_SEEDS=0,1,2,3,4`; one takes seconds.
    private var seeds: [Int] {
        let text = ProcessInfo.processInfo.environment["WSI_REPLAY_SEEDS"] ?? "0"
        return text.split(separator: ",").compactMap { Int($0) }.filter(Self.recorded.indices.contains)
    }

    @Test(.enabled(if: SharedData.has("mil/synthetic"), "\(SharedData.absence)"))
    func recordedRunsOfABMILAreRepeatedEpochByEpoch() throws {
        let table = try Table(contentsOf: Self.folder.appending(path: "labels.csv"))
        let stored = try SafeTensors(contentsOf: Self.folder.appending(path: "bags.safetensors")).tensors
        var bags = MemoryBags()
        var parts: [String: [CohortSlide]] = [:]
        for row in table.rows {
            let slide = try SlideID(row["bag"])
            let label = try #require(Int(row["label"]))
            parts[row["split"], default: []].append(
                CohortSlide(slide: slide, caseID: slide.text, target: .class(label))
            )
            bags.add(slide, width: 64, try #require(stored["\(slide.text)/features"]?.floats))
        }
        for seed in seeds { try replay(seed, parts, bags) }
    }

    private func replay(_ seed: Int, _ parts: [String: [CohortSlide]], _ source: MemoryBags) throws {
        let file = Self.folder.appending(path: "abmil_init_seed\(seed).safetensors")
        let initial = try SafeTensors(contentsOf: file).tensors
        let named = initial.filter { $0.key.hasPrefix("param.") }.map { (String($0.key.dropFirst(6)), $0.value) }
        var config = ABMILConfig()
        config.hidden = 64
        let parameters = StoredParameters(Dictionary(uniqueKeysWithValues: named), path: file.path)
        let model = try ModelConfig.abmil(config).model(featureWidth: 64, classes: 2, from: parameters)
        let order = try #require(initial["bag_order"]).array(of: Int32.self).map { Int($0) }
        var training = TrainingConfig()
        (training.learningRate, training.epochs, training.selection) = (1e-3, 20, .auc)
        let bags = DeviceBags(source, standardiser: nil, on: .cpu)
        let scratch = try Scratch()
        let loop = TrainingLoop(
            recipe: training.recipe(for: .abmil(config), featureWidth: 64, classes: 2),
            readout: .class(count: 2),
            seed: 0,
            fold: 0,
            order: BagOrder(recorded: (0..<20).map { Array(order[($0 * 140)..<($0 * 140 + 140)]) }),
            classWeights: [1, 1],
            training: try #require(parts["train"]),
            validation: try #require(parts["val"]),
            bags: bags,
            resume: ResumePoint(fingerprint: "", file: scratch.file("resume"))
        )
        let test = try #require(parts["test"])
        var aucs: [Double?] = []
        let trained = try loop.run(model) { _ in
            aucs.append(
                (try? scores(of: test, by: model, .class(count: 2), bags)).flatMap {
                    Metrics.macroAUC($0.compactMap(\.argmax.ofClass))
                }
            )
        }
        // The recording prefers the epoch with the best AUC on validation, of equal ones that with the lower loss.
        let best = try #require(
            trained.history.max {
                ($0.validationAUC ?? 0, -($0.validationLoss ?? 0)) < ($1.validationAUC ?? 0, -($1.validationLoss ?? 0))
            }
        )
        let loss = try #require(trained.history.last?.terms.first?.value)
        let found = (auc: try #require(aucs[best.epoch]), last: try #require(aucs[19]), loss: loss)
        let wanted = Self.recorded[seed]
        print("synthetic replay, seed \(seed): \(found) for \(wanted)")
        // The smallest step of an AUC over these 90 bags is 0.0005.
        #expect(abs(found.auc - wanted.auc) < 6e-4, "seed \(seed)")
        #expect(abs(found.last - wanted.last) < 6e-4, "seed \(seed)")
        #expect(abs(found.loss - wanted.loss) < 1e-5, "seed \(seed)")
    }
}
