import Foundation
import Records
import Storage
import Testing
import Torch

@testable import MIL

/// One recorded training step of the authors' code: inputs, parameters, draws, and everything that followed from them.
private struct GoldenCase {
    let name: String
    let config: [String: Any]
    /// What is known of every tensor: largest magnitude, and its own fp32 error against fp64.
    let facts: [String: [String: Any]]
    /// Parameters whose first Adam step is rounding noise.
    let illConditioned: Set<String>
    let tensors: [String: StoredTensor]

    init(_ url: URL) throws {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
        name = url.deletingPathExtension().lastPathComponent
        config = object["config"] as? [String: Any] ?? [:]
        facts = object["tensors"] as? [String: [String: Any]] ?? [:]
        illConditioned = Set((object["adam_ill_conditioned"] as? [String: Any] ?? [:]).keys)
        tensors = try SafeTensors(contentsOf: url.deletingPathExtension().appendingPathExtension("safetensors")).tensors
    }

    func integer(_ key: String) throws -> Int { try #require(config[key] as? Int, "\(name): \(key)") }

    func floats(_ key: String) throws -> [Float] { try #require(tensors[key]?.floats, "\(name) lacks \(key)") }

    /// Checks `found` against the tensor `key`, with the room that fp32 itself leaves.
    func expect(_ found: [Float], _ key: String, tolerance: Double? = nil) throws {
        let wanted = try floats(key)
        let noise = (facts[key]?["fp32_vs_fp64_abs_err"] as? Double) ?? 0
        let bar = try tolerance ?? (20 * noise + 1e-6 * #require(facts[key]?["max_abs"] as? Double))
        #expect(found.count == wanted.count, "\(name): \(key)")
        let worst = zip(found, wanted).map { Double(abs($0 - $1)) }.max() ?? 0
        #expect(worst <= bar, "\(name): \(key) differs by \(worst), allowed is \(bar)")
    }

    /// The recorded parameters, in the form a checkpoint has.
    var parameters: [String: StoredTensor] {
        let own = tensors.filter { $0.key.hasPrefix("param.") }
        return Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst("param.".count)), $0.value) })
    }

    /// The random draws in the order they were made.
    func draws() throws -> ReplayedDraws {
        let keys = tensors.keys.filter { $0.hasPrefix("draw.") }.sorted {
            (Int($0.split(separator: ".")[1]) ?? 0) < (Int($1.split(separator: ".")[1]) ?? 0)
        }
        return ReplayedDraws(try keys.map { (try #require(tensors[$0]).shape, try floats($0)) })
    }

    /// The model as our config says it; nil where it is not built here.
    func model() throws -> ModelConfig? {
        switch config["model"] as? String {
        case "ABMIL":
            var model = ABMILConfig()
            (model.hidden, model.attentionHidden) = (try integer("D_inner"), try integer("D_attn"))
            return .abmil(model)
        case "ACMIL_GA":
            var model = ACMILConfig()
            (model.hidden, model.attentionHidden) = (try integer("D_inner"), try integer("D_attn"))
            (model.branches, model.maskedPatches) = (try integer("n_token"), try integer("n_masked_patch"))
            model.maskDrop = try #require(config["mask_drop"] as? Double)
            return .acmil(model)
        case "ACMIL_MHA", "MHA":
            var model = ACMILConfig()
            (model.variant, model.hidden, model.dropout) = (.mha, try integer("D_inner"), 0)
            model.branches = isBareAttention ? 1 : try integer("n_token")
            model.maskedPatches = isBareAttention ? 0 : try integer("n_masked_patch")
            return .acmil(model)
        default: return nil
        }
    }

    /// Multi-head attention without branches: the bag's half of ACMIL with one branch, whose loss is the bag's alone.
    private var isBareAttention: Bool { config["model"] as? String == "MHA" }

    /// The record's name for our parameter; nil where it has none.
    func recordedName(_ name: String) -> String? {
        guard isBareAttention else { return name }
        let bare = name.replacing(/^sub_attention\.0\.(?=[qk]_proj)/, with: "attention.")
            .replacing("bag_attention", with: "attention").replacing("Slide_classifier", with: "classifier")
        return tensors["param.\(bare)"] == nil ? nil : bare
    }
}

/// The recorded parameters by our names; what the record lacks is 0.
private struct RecordedParameters: ParameterSource {
    let golden: GoldenCase

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        guard let recorded = golden.recordedName(name) else { return Array(repeating: 0, count: shape.reduce(1, *)) }
        return try StoredParameters(golden.parameters, path: golden.name).values(recorded, shape: shape, first)
    }
}

/// Replays the recorded cases in $WSI_GOLDEN_DIR, else ../shared/golden; skipped, and said so, where there are none.
@Suite struct GoldenTests {
    @Test func everyRecordedCaseOfASupportedModelIsReproduced() throws {
        let folder = ProcessInfo.processInfo.environment["WSI_GOLDEN_DIR"] ?? "../shared/golden"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        let cases = try names.filter { $0.hasSuffix(".json") }.map { try GoldenCase(URL(filePath: "\(folder)/\($0)")) }
        guard !cases.isEmpty else {
            print("golden cases: skipped, \(folder) holds none")
            return
        }
        var done = 0
        var waiting: [String: Int] = [:]
        for golden in cases {
            guard let config = try golden.model() else {
                waiting[(golden.config["model"] ?? golden.config["family"]) as? String ?? "unnamed", default: 0] += 1
                continue
            }
            try replay(golden, config)
            done += 1
        }
        let others = waiting.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        print("golden cases: \(done)" + (others.isEmpty ? "" : "; not built here: \(others)"))
        #expect(done > 0)
    }

    private func replay(_ golden: GoldenCase, _ config: ModelConfig) throws {
        let source = RecordedParameters(golden: golden)
        let width = try golden.integer("D_feat")
        let model = try config.model(featureWidth: width, classes: golden.integer("n_class"), from: source)
        #expect(
            Set(model.parameters.compactMap { golden.recordedName($0.name) }) == Set(golden.parameters.keys),
            "\(golden.name)"
        )
        let bag = try Tensor(golden.floats("input.x"), shape: [golden.integer("N"), width])

        let output = try model(bag)
        try golden.expect(output.logits.floats(), "eval.slide_logits")
        for key in ["mid.attn_raw", "eval.attn_logits"] where golden.tensors[key] != nil {
            try golden.expect(output.attention.floats(), key)
        }
        if let model = model as? any BranchModel, golden.tensors["out.sub_logits"] != nil {
            try golden.expect(model.forward(bag, draws: nil).branchLogits.floats(), "eval.sub_logits")
            let pass = try model.forward(bag, draws: golden.draws())
            try golden.expect(pass.instances.floats(), "mid.hidden")
            try golden.expect(pass.attention.floats(), "out.attn_logits")
            try golden.expect(pass.branchLogits.floats(), "out.sub_logits")
            try golden.expect(pass.bagLogits.floats(), "out.slide_logits")
        }

        let draws = try golden.draws()
        let loss = try model.trainingLoss(bag, label: golden.integer("label"), draws: draws)
        #expect(draws.isExhausted, "\(golden.name): not every recorded draw was used")
        try golden.expect([loss.total.item()], "loss.total")
        for (name, key) in [("bag", "loss.slide"), ("branch", "loss.sub"), ("diversity", "loss.diff")] {
            guard golden.tensors[key] != nil, let term = loss.terms.first(where: { $0.name == name }) else { continue }
            try golden.expect([term.value.item()], key)
        }
        let rate = try #require(golden.config["lr"] as? Double)
        let decay = try #require(golden.config["wd"] as? Double)
        let optimiser = try AdamW(model.parameters, learningRate: rate, settings: .init(weightDecay: decay))
        try loss.total.backward()
        for parameter in model.parameters {
            let key = "grad.\(golden.recordedName(parameter.name) ?? "none")"
            guard golden.tensors[key] != nil else {
                #expect(try parameter.tensor.grad == nil, "\(golden.name): \(key) is not recorded, yet there is one")
                continue
            }
            try golden.expect(#require(try parameter.tensor.grad, "\(golden.name): \(key)").floats(), key)
        }
        try optimiser.step()
        for parameter in model.parameters {
            guard let name = golden.recordedName(parameter.name) else {
                #expect(try parameter.tensor.floats().allSatisfy { $0 == 0 }, "\(golden.name): \(parameter.name)")
                continue
            }
            guard !golden.illConditioned.contains("adamw.\(name)") else { continue }
            // What no gradient reached has no record of the step: it must stand where it stood.
            let moved = golden.tensors["adamw.\(name)"] != nil
            try golden.expect(
                parameter.tensor.floats(),
                moved ? "adamw.\(name)" : "param.\(name)",
                tolerance: moved ? 1e-5 : 0
            )
        }
    }
}
