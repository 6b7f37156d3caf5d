import Records
import Torch

/// What an explanation says of the patches of a bag, of one number of the answer.
struct ExplainedRow {
    /// The output that it is about.
    var output: Int
    /// `[N]`
    var values: [Float]
    /// What of the number no patch has brought, where that is told apart.
    var bias: Double?
    var facts: ExplanationFacts?
}

/// A bag, and what of a model's answer to it is explained: of the whole bag, also where a recipe judges bags by draws.
///
/// Memory beside the features grows with a block of patches, not with the bag, of which a few rows of numbers are kept.
struct BagExplainer {
    let model: any MILModel
    /// `[N, D]`, as the model takes them.
    let features: Tensor
    let margins: [Margin]
    /// The mean of the training part's patches as the model takes them, `[D]`, where `ig` is wanted.
    let trainingMean: [Float]?
    /// Rows of the bag that `occlusion` takes out together.
    let neighbourhoods: [[Int]]
    /// Rows of the bag that `single` is asked of: the others have 0.
    let rows: Range<Int>
    /// Of those how many a model is run on at most, where it has to be.
    var singlePatches = Explanation.singlePatches
    /// Patches of a block.
    var block = Blockwise.rows

    private var count: Int { features.shape[0] }

    /// Rows by an explanation that is of margins, one for each.
    /// - Throws: `Failure` for a model that cannot be explained so, which is refused before any work.
    func callAsFunction(_ explanation: Explanation) throws -> [ExplainedRow] {
        try withoutGrad {
            switch explanation {
            case .contribution, .critical:
                throw Failure(.bug, nil, "what has a row for each output is asked of the answer, not of a margin")
            case .single: try single()
            case .occlusion: try occlusion()
            case .ig: try integratedGradients()
            case .lrp: try relevance()
            }
        }
    }

    private func outputs(_ features: Tensor) throws -> [Double] {
        try model(features).logits.floats().map { Double($0) }
    }

    /// What bags of one patch are answered, less what the bag of the mean patch is.
    private func single() throws -> [ExplainedRow] {
        let middle = try outputs(meanPatch())
        let asked = try features.narrow(dim: 0, start: rows.lowerBound, length: rows.count)
        let empty = [Float](repeating: 0, count: count)
        var told = margins.map { ExplainedRow(output: $0.output, values: empty) }
        func tell(_ row: Int, _ answer: [Double]) {
            let less = zip(answer, middle).map { $0 - $1 }
            for (index, margin) in margins.enumerated() { told[index].values[row] = Float(margin(less)) }
        }
        if let pooled = model as? any LinearlyPooled, let alone = try pooled.alone(asked)?.floats() {
            for (place, row) in rows.enumerated() {
                tell(row, middle.indices.map { Double(alone[$0 * rows.count + place]) })
            }
            return told
        }
        let run = min(rows.count, singlePatches)
        for place in (0..<run).map({ $0 * rows.count / run }) {
            tell(rows.lowerBound + place, try outputs(asked.narrow(dim: 0, start: place, length: 1)))
        }
        guard run < rows.count else { return told }
        for index in told.indices { told[index].facts = ExplanationFacts(patches: run) }
        return told
    }

    /// `[1, D]`
    private func meanPatch() throws -> Tensor {
        var sum: Tensor?
        for block in try Blockwise.blocks(of: features, block) {
            let part = try block.to(.float32).sum(dim: 0, keep: true)
            sum = try sum.map { try $0 + part } ?? part
        }
        guard let sum else { throw Failure(.bug, nil, "an empty bag is explained") }
        return try (sum / Double(count)).to(features.dtype)
    }

    /// What the answer loses with each neighbourhood, shared out evenly. One that is the whole bag leaves nothing to compare, and has 0.
    private func occlusion() throws -> [ExplainedRow] {
        let whole = try outputs(features)
        let taken = neighbourhoods.filter { !$0.isEmpty && $0.count < count }
        var rows = margins.map { margin in
            ExplainedRow(
                output: margin.output,
                values: [Float](repeating: 0, count: count),
                facts: ExplanationFacts(neighbourhoods: taken.count)
            )
        }
        for block in taken {
            var stays = [Bool](repeating: true, count: count)
            for row in block { stays[row] = false }
            let left = try outputs(features.indexSelect(dim: 0, (0..<count).filter { stays[$0] }))
            let lost = zip(whole, left).map { $0 - $1 }
            for (index, margin) in margins.enumerated() {
                let share = Float(margin(lost) / Double(block.count))
                for row in block { rows[index].values[row] = share }
            }
        }
        return rows
    }

    private func integratedGradients() throws -> [ExplainedRow] {
        guard let pool = try (model as? any WeighedPooling)?.pool(), let trainingMean else {
            throw Failure(.bug, nil, "a model that does not pool patches, or has no mean patch, is asked for gradients")
        }
        let start = try Tensor(trainingMean, shape: [1, trainingMean.count], on: features.device)
        let gradients = IntegratedGradients(pool: pool, features: features, start: start, block: block)
        return try withoutGradients(of: model.trainable + model.parameters) { try margins.map { try gradients($0) } }
    }

    /// Parameters are no part of what is worked out: their own gradients would cost as much, and stay behind.
    private func withoutGradients<Value>(of parameters: [Parameter], _ body: () throws -> Value) throws -> Value {
        let moved = parameters.filter(\.tensor.requiresGrad)
        for parameter in moved { try parameter.tensor.setRequiresGrad(false) }
        let result = Result { try body() }
        for parameter in moved { try parameter.tensor.setRequiresGrad(true) }
        return try result.get()
    }

    /// xMIL's propagation (Hense et al., 2024, section 3.2): what attention has made of a patch is a constant, so that an instance's share
    /// of what is pooled is its weight times itself; before that the layer hands on to its inputs what they have brought of its sums. The
    /// classifier's bias stands apart; what the first layer's bias keeps is the residual.
    private func relevance() throws -> [ExplainedRow] {
        guard let pool = try (model as? any WeighedPooling)?.pool(), let attention = pool.attention else {
            throw Failure(.bug, nil, "a model that does not pool by attention is asked for relevance")
        }
        return try margins.map { margin in
            let (rows, bias) = try pool.rows(of: margin)
            let heads = rows.shape[0]
            let seen = try Blockwise.joined(features, dim: 1, rows: block) { block in
                let (instances, relevance) = try pool.embedding.relevance(block.to(.float32), rows)
                return try Tensor.concatenated([attention(instances, nil), instances.scores(rows), relevance], dim: 0)
            }
            let shares = try seen.narrow(dim: 0, start: 0, length: heads).softmax(dim: 1)
            let parts = try shares * seen.narrow(dim: 0, start: 2 * heads, length: heads)
            let values = try parts.sum(dim: 0).floats()
            let made = try (shares * seen.narrow(dim: 0, start: heads, length: heads)).sum(dim: 1).floats()
            let whole = made.reduce(0) { $0 + Double($1) }
            let residual = values.reduce(whole) { $0 - Double($1) }
            return ExplainedRow(
                output: margin.output,
                values: values,
                bias: bias,
                facts: ExplanationFacts(whole: whole, residual: residual)
            )
        }
    }
}
