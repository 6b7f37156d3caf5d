import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Evaluation
@testable import MIL

/// Replays a case of MHIM's code: teacher, masks, student, loss, gradients, the step of Adam, and the teacher after it.
struct MHIMReplay {
    private let golden: GoldenCase
    private let config: MHIMConfig

    init(_ golden: GoldenCase) throws {
        self.golden = golden
        let hosts = ["attn": MHIMConfig.Host.abmil, "dsmil": .dsmil, "selfattn": .transmil]
        let baseline: String = try golden.value("baseline")
        var config = MHIMConfig(host: try #require(hosts[baseline], "\(baseline)"), version: 2)
        // The recorded code takes an absent mask as none, and has no schedules.
        (config.maskRandom, config.maskLow) = (
            golden.value("mask_ratio", else: 0), golden.value("mask_ratio_l", else: 0)
        )
        (config.maskHigh, config.maskHighShare) = (
            golden.value("mask_ratio_h", else: 0), golden.value("mask_ratio_hr", else: 1)
        )
        config.classScore = golden.value("attn2score", else: false)
        config.merge = golden.value("merge", else: true)
        config.mergeTokens = golden.value("merge_k", else: config.mergeTokens)
        config.mergeKeep = golden.value("merge_ratio", else: config.mergeKeep)
        config.mergeMomentum = golden.value("merge_mm", else: config.mergeMomentum)
        config.mergeHeads = golden.value("merge_heads", else: config.mergeHeads)
        config.mergeHeadWidth = golden.value("merge_h_dim", else: config.mergeHeadWidth)
        config.hidden = try golden.value("mlp_dim")
        // Widths that the record's config leaves out are those of its parameters.
        func rows(_ name: String) -> Int? { golden.tensors["student.param.online_encoder.\(name).weight"]?.shape.first }
        config.heads = rows("layer1.attn.res_conv") ?? config.heads
        config.gated = rows("attention.attention_a.0") != nil
        config.attentionHidden =
            rows("attention.attention.0") ?? rows("attention.attention_a.0") ?? rows("b_classifier.q.0")
            ?? config.attentionHidden
        config.activation = try #require(Activation(rawValue: golden.value("act")))
        config.attentionActivation = try #require(AttentionActivation(rawValue: golden.value("da_act")))
        config.temperature = try golden.value("temp_t")
        config.momentum = try golden.value("mm")
        // The loss's two weights matter by their ratio; the class's own is put back in `total`.
        config.consistency = try golden.value("aux_alpha") / golden.value("main_alpha")
        (config.dropout, config.attentionDropout, config.mergeDropout) = (0, 0, 0)
        self.config = config
    }

    func run() throws {
        let (width, classes): (Int, Int) = (try golden.value("D_feat"), try golden.value("n_class"))
        let source = RecordedParameters(golden: golden, key: key)
        switch config.host {
        case .abmil:
            try replay {
                try AttentionHost(config, featureWidth: width, classes: classes, from: $0, on: .cpu)
            } from: {
                source
            }
        case .dsmil:
            try replay {
                try DSMIL(config.dsmil, featureWidth: width, classes: classes, from: $0)
            } from: {
                source
            }
        case .transmil:
            try replay {
                try TransformerHost(config, featureWidth: width, classes: classes, from: $0, on: .cpu)
            } from: {
                source
            }
        }
    }

    private func key(_ name: String) -> String? {
        let teachers = "teacher."
        return name.hasPrefix(teachers)
            ? "teacher.param.\(name.dropFirst(teachers.count))" : "student.param.\(name)"
    }

    private func replay<Host: MHIMHost>(
        _ makeHost: (any ParameterSource) throws -> Host,
        from source: () -> RecordedParameters
    ) throws {
        let bag = try golden.bag()
        let label: Int = try golden.value("label")
        try plain(makeHost(source()), bag, label)
        let model = try MHIM(config, from: source(), on: .cpu, makeHost)
        try expectParameters(model.parameters)
        try golden.expect(model(bag).logits, "eval.logits")

        let draws = try golden.draws()
        let view = try model.taught(bag, draws)
        try golden.expect(view.bag, "teacher.cls_feat")
        try golden.expect(view.score.values(), "teacher.score")
        try expectAttention(view.pass)
        let kept = try kept(view.score, draws)
        let pass = try model.learned(bag, kept, from: view.bag, target: .class(label), TrainingStep(draws: draws))
        #expect(draws.isExhausted, "\(golden.name): not every recorded draw was used")
        try golden.expect(model.student.embedding(bag, nil), "student.hidden")
        try expectSplit(pass.order, pass.stays, kept)
        #expect(try golden.integers("count.keep_num") == [pass.tokens.shape[0]], "\(golden.name)")
        try golden.expect(pass.tokens, "student.tokens")
        try golden.expect(pass.host.bag, "student.encoder_out")
        try golden.expect(pass.host.logits, "student.logits")
        try expectStreams(pass.host, "student")
        try golden.expect(pass.classLoss, "loss.cls")
        if let consistency = pass.consistency { try golden.expect(consistency, "loss.consistency") }
        let weight: Double = try golden.value("main_alpha")
        try step(model, pass.loss.total * weight)
    }

    /// The plain host's own step, with the student's parameters.
    private func plain<Host: MHIMHost>(_ host: Host, _ bag: Tensor, _ label: Int) throws {
        guard golden.tensors["pure.loss"] != nil else { return }
        try golden.expect(host.encode(host.embedding(bag, nil), nil).logits, "pure.logits")
        let loss = try host.trainingLoss(bag, label: label, draws: NoDraws()).total
        try golden.expect(loss, "pure.loss")
        try loss.backward()
        for parameter in host.parameters where golden.tensors["pure_grad.\(parameter.name)"] != nil {
            try golden.expectGradient(of: parameter, as: parameter.name, prefix: "pure_grad")
        }
    }

    /// We have all parameters of the record but DSMIL's predictor, which nothing uses.
    private func expectParameters(_ parameters: [Parameter]) throws {
        let known = golden.tensors.keys.filter { $0.hasPrefix("student.param.") || $0.hasPrefix("teacher.param.") }
        let ours = Set(parameters.compactMap { key($0.name) })
        let unused = known.filter { config.host == .dsmil && $0.contains(".param.predictor.") }
        #expect(ours == Set(known).subtracting(unused), "\(golden.name)")
        #expect(golden.tensors.keys.allSatisfy { config.host != .dsmil || !$0.hasPrefix("grad.predictor") })
    }

    private func expectAttention(_ pass: any HostPass) throws {
        try expectStreams(pass, "teacher")
        guard golden.tensors["teacher.attn"] != nil else { return }
        switch pass {
        case let pass as AttentionHost.Pass: try golden.expect(pass.attention.softmax(dim: 1), "teacher.attn")
        case let pass as TransformerHost.Pass:
            try golden.expect(pass.transformer.first.classAttention(), "teacher.attn")
        case let pass as DSMIL.Pass: try expectAttention(of: pass)
        default: Issue.record("\(golden.name): teacher.attn is recorded for an unknown host")
        }
    }

    /// DSMIL's attention has a row per class; the record may hold it either way round, or the largest of all classes.
    private func expectAttention(of pass: DSMIL.Pass) throws {
        let rows = try pass.attention.softmax(dim: 1)
        let shape = try #require(golden.tensors["teacher.attn"]).shape
        if shape.reduce(1, *) == rows.shape[1] {
            try golden.expect(rows.max(dim: 0).values, "teacher.attn")
        } else {
            try golden.expect(shape.last == rows.shape[1] ? rows : rows.transpose(0, 1), "teacher.attn")
        }
    }

    private func expectStreams(_ pass: any HostPass, _ prefix: String) throws {
        guard let pass = pass as? DSMIL.Pass, golden.tensors["\(prefix).bag_logits"] != nil else { return }
        try golden.expect(pass.bagLogits, "\(prefix).bag_logits")
        try golden.expect(pass.maxLogits, "\(prefix).inst_max_logits")
    }

    /// Masks as the record did, with its own choice among equal scores and votes; returns its order of the kept.
    private func kept(_ score: InstanceScore, _ draws: ReplayedDraws) throws -> [Int] {
        let ranks = try score.ranks()
        let (count, wanted) = (ranks[0].count, try golden.integers("mask.ids_keep"))
        let ranking = try RecordedRanking(golden, score)
        let unions = try InstanceMasking(config).unions(ranks, progress: 0, draws, by: ranking)
        #expect(ranking.isExhausted, "\(golden.name): not every recorded ranking was used")
        for (index, masked) in unions.enumerated() where golden.tensors["mask.\(index).len_keep"] != nil {
            let length = try golden.integers("mask.\(index).len_keep")[0]
            let ids = try golden.integers("mask.\(index).mask_ids")
            #expect(masked.count { !$0 } == length, "\(golden.name): mask \(index)")
            #expect(ids.prefix(length).allSatisfy { !masked[$0] }, "\(golden.name): mask \(index)")
            #expect(ids.dropFirst(length).allSatisfy { masked[$0] }, "\(golden.name): mask \(index)")
        }
        let masked = unions.last ?? Array(repeating: false, count: count)
        #expect(masked.indices.filter { !masked[$0] } == wanted.sorted(), "\(golden.name): kept")
        if golden.tensors["mask.ids_masked"] != nil {
            let hidden = try golden.integers("mask.ids_masked").sorted()
            #expect(masked.indices.filter { masked[$0] } == hidden, "\(golden.name): masked")
        }
        #expect(try golden.integers("count.patch_num") == [count], "\(golden.name)")
        return wanted
    }

    private func expectSplit(_ order: [Int], _ stays: Int, _ kept: [Int]) throws {
        if golden.tensors["merge.ids_keep"] != nil {
            #expect(try golden.integers("merge.ids_keep") == Array(order.prefix(stays)), "\(golden.name)")
            #expect(try golden.integers("merge.ids_merged") == Array(order.dropFirst(stays)), "\(golden.name)")
        } else {
            #expect(order == kept && stays == kept.count, "\(golden.name)")
        }
    }

    private func step<Host: MHIMHost>(_ model: MHIM<Host>, _ total: Tensor) throws {
        try golden.expect(total, "loss.total")
        try total.backward()
        let trainable = Set(model.trainable.map(\.name))
        let own = model.parameters.filter { !$0.name.hasPrefix("teacher.") }
        for parameter in own { try golden.expectGradient(of: parameter, as: parameter.name) }
        for parameter in model.parameters where !trainable.contains(parameter.name) {
            #expect(try parameter.tensor.grad == nil, "\(golden.name): \(parameter.name)")
        }
        let settings = Adam.Settings(weightDecay: try golden.value("wd"))
        try Adam(model.trainable, learningRate: golden.value("lr"), settings: settings).step()
        try model.finish(TrainingStep(draws: NoDraws()))
        for parameter in own {
            let values = try parameter.tensor.floats()
            if parameter.name == "merge.global_q_mm" {
                try golden.expect(values, "merge.global_q_after")
            } else if let wanted = try golden.correctedStep(parameter.name, from: "student.param.\(parameter.name)") {
                #expect(agree(values, wanted), "\(golden.name): \(parameter.name)")
            } else {
                let isRecorded = try golden.expectMoved(values, as: parameter.name, prefix: "adam")
                #expect(isRecorded, "\(golden.name): \(parameter.name)")
            }
        }
        for parameter in model.parameters where parameter.name.hasPrefix("teacher.") {
            let name = String(parameter.name.dropFirst("teacher.".count))
            let isRecorded = try golden.expectMoved(parameter.tensor.floats(), as: name, prefix: "ema")
            #expect(isRecorded, "\(golden.name): \(parameter.name)")
        }
    }
}

/// The record's rankings in the order they were made; each must be one that our scores allow.
private final class RecordedRanking: InstanceRanking {
    private let name: String
    private var rows: [[Int]]
    /// How far values may be apart that the record takes for equal, or for the other way round.
    private let room: Float

    init(_ golden: GoldenCase, _ score: InstanceScore) throws {
        name = golden.name
        // Where the record ranks probabilities of the order of 1, we rank what it rounds off.
        room = if case .classes = score { 1e-6 } else { try 1e-6 * (score.values().floats().map(abs).max() ?? 0) }
        let keys = golden.tensors.keys.filter { $0.hasPrefix("topk.") }.sorted {
            (Int($0.split(separator: ".")[1]) ?? 0) < (Int($1.split(separator: ".")[1]) ?? 0)
        }
        rows = try keys.flatMap { key in
            let (shape, values) = (try #require(golden.tensors[key]).shape, try golden.integers(key))
            let width = try #require(shape.last)
            return stride(from: 0, to: values.count, by: max(1, width)).map { Array(values[$0..<($0 + width)]) }
        }.reversed()
    }

    var isExhausted: Bool { rows.isEmpty }

    func first(_ count: Int, of values: [Float], largest: Bool) throws -> [Int] {
        let last = rows.popLast()
        let recorded = try #require(last, "\(name): the record holds no such ranking")
        try #require(recorded.count == count, "\(name): \(count) are wanted, the record has \(recorded.count)")
        let own = StableRanking().first(count, of: values, largest: largest)
        let pairs = zip(recorded.map { values[$0] }.sorted(), own.map { values[$0] }.sorted())
        let allowed = pairs.allSatisfy { abs($0 - $1) <= room }
        #expect(allowed && Set(recorded).count == count, "\(name): the record ranks otherwise")
        return recorded
    }
}
