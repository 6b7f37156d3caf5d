import Records
import Testing
import Torch

@testable import Config
@testable import MIL

/// Replays a case of ACMIL's code: ACMIL's variants and its two attention baselines.
struct AttentionReplay {
    private let golden: GoldenCase
    private let config: ModelConfig
    /// Multi-head attention without branches: the bag's half of ACMIL with one branch, whose loss is the bag's alone.
    private let isBareAttention: Bool

    /// - Throws: where the case's model is none that we know.
    init(_ golden: GoldenCase) throws {
        self.golden = golden
        let model: String = try golden.value("model")
        isBareAttention = model == "MHA"
        switch model {
        case "ABMIL":
            var model = ABMILConfig()
            (model.hidden, model.attentionHidden) = (try golden.value("D_inner"), try golden.value("D_attn"))
            config = .abmil(model)
        case "ACMIL_GA", "ACMIL_MHA", "MHA":
            var acmil = ACMILConfig()
            acmil.hidden = try golden.value("D_inner")
            if model == "ACMIL_GA" {
                acmil.attentionHidden = try golden.value("D_attn")
            } else {
                (acmil.variant, acmil.dropout) = (.mha, 0)
            }
            acmil.branches = isBareAttention ? 1 : try golden.value("n_token")
            acmil.maskedPatches = isBareAttention ? 0 : try golden.value("n_masked_patch")
            acmil.maskDrop = golden.value("mask_drop", else: acmil.maskDrop)
            config = .acmil(acmil)
        default: throw Unknown(model: model)
        }
    }

    struct Unknown: Error { let model: String }

    /// The record's name for our parameter; nil where it has none.
    private func recorded(_ name: String) -> String? {
        guard isBareAttention else { return name }
        let bare = name.replacing(/^sub_attention\.0\.(?=[qk]_proj)/, with: "attention.")
            .replacing("bag_attention", with: "attention").replacing("Slide_classifier", with: "classifier")
        return golden.tensors["param.\(bare)"] == nil ? nil : bare
    }

    func run() throws {
        let source = RecordedParameters(golden: golden) { name in recorded(name).map { "param.\($0)" } }
        let model = try config.model(
            featureWidth: golden.value("D_feat"),
            classes: golden.value("n_class"),
            from: source
        )
        let known = golden.tensors.keys.filter { $0.hasPrefix("param.") }
        #expect(Set(model.parameters.compactMap { recorded($0.name) }.map { "param.\($0)" }) == Set(known))
        let bag = try golden.bag()
        let output = try model(bag)
        try golden.expect(output.logits, "eval.slide_logits")
        for key in ["mid.attn_raw", "eval.attn_logits"] where golden.tensors[key] != nil {
            try golden.expect(output.attention, key)
        }
        if let model = model as? any BranchModel, golden.tensors["out.sub_logits"] != nil {
            try golden.expect(model.forward(bag, draws: nil).branchLogits, "eval.sub_logits")
            let pass = try model.forward(bag, draws: golden.draws())
            try golden.expect(pass.instances, "mid.hidden")
            try golden.expect(pass.attention, "out.attn_logits")
            try golden.expect(pass.branchLogits, "out.sub_logits")
            try golden.expect(pass.bagLogits, "out.slide_logits")
            try expectMasks(pass.attention)
        }
        try step(model, bag)
    }

    /// Where the attention is masked, and nowhere else, the record masked too.
    private func expectMasks(_ attention: Tensor) throws {
        let (found, wanted) = (try attention.floats(), try golden.floats("out.attn_logits"))
        #expect(found.map { $0 == Float(STKIM.masked) } == wanted.map { $0 == Float(STKIM.masked) }, "\(golden.name)")
    }

    private func step(_ model: any MILModel, _ bag: Tensor) throws {
        let draws = try golden.draws()
        let loss = try model.trainingLoss(bag, label: golden.value("label"), draws: draws)
        #expect(draws.isExhausted, "\(golden.name): not every recorded draw was used")
        try golden.expect(loss.total, "loss.total")
        for (name, key) in [("bag", "loss.slide"), ("branch", "loss.sub"), ("diversity", "loss.diff")] {
            guard golden.tensors[key] != nil, let term = loss.terms.first(where: { $0.name == name }) else { continue }
            try golden.expect(term.value, key)
        }
        let settings = Adam.Settings(weightDecay: try golden.value("wd"))
        let optimiser = try AdamW(model.trainable, learningRate: golden.value("lr"), settings: settings)
        try loss.total.backward()
        for parameter in model.parameters {
            try golden.expectGradient(of: parameter, as: recorded(parameter.name))
        }
        try optimiser.step()
        for parameter in model.parameters {
            let values = try parameter.tensor.floats()
            guard let name = recorded(parameter.name) else {
                #expect(values.allSatisfy { $0 == 0 }, "\(golden.name): \(parameter.name)")
                continue
            }
            // What no gradient reached has no record of the step: it must stand where it stood.
            if try !golden.expectMoved(values, as: name, prefix: "adamw") {
                try golden.expect(values, "param.\(name)", tolerance: 0)
            }
        }
    }
}
