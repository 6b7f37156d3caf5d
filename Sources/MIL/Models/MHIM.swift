import Config
import Evaluation
import Records
public import Storage
import Torch

/// A model whose teacher can begin as a trained plain host.
public protocol TaughtModel: MILModel {
    /// Loads the plain host's parameters by name, into the teacher and as the config says into the student.
    /// - Throws: `MILError.checkpoint` naming the tensor that is missing, of another shape, or unknown to the host.
    func begin(withHost tensors: [String: StoredTensor], path: String) throws
}

/// Masked hard instance mining (MHIM; Tang et al., ICCV 2023, and IJCV 2025 as version 2).
///
/// The teacher sees the whole bag and scores its instances; the student learns from those that masking leaves, and is kept
/// close to the teacher's view of the whole bag. After each step the teacher moves a little towards the student. Test time
/// is the student's, with the whole bag. Its parameters have the names of MHIM's checkpoints, the teacher's stand behind
/// `teacher.`.
struct MHIM<Host: MHIMHost>: TaughtModel, ClassAware {
    private(set) var student, teacher: Host
    private let recycle, teacherRecycle: GlobalRecycle?
    private let masking: InstanceMasking
    private let config: MHIMConfig

    /// - Parameter makeHost: makes teacher and student, each from parameters of its own.
    init(
        _ config: MHIMConfig,
        from source: some ParameterSource,
        on device: Device,
        _ makeHost: (any ParameterSource) throws -> Host
    ) throws {
        self.config = config
        masking = InstanceMasking(config)
        let teachers = TeacherParameters(source: source)
        student = try makeHost(source)
        teacher = try makeHost(teachers)
        recycle = config.merge ? try GlobalRecycle(config, from: source, on: device) : nil
        teacherRecycle = config.merge ? try GlobalRecycle(config, from: teachers, on: device) : nil
        for parameter in teacherParameters { try parameter.tensor.setRequiresGrad(false) }
    }

    var asksClasses: Bool {
        get { student.asksClasses }
        set { (student.asksClasses, teacher.asksClasses) = (newValue, newValue) }
    }

    mutating func ask(mainOutputs: Int, areClasses: Bool) {
        student.ask(mainOutputs: mainOutputs, areClasses: areClasses)
        teacher.ask(mainOutputs: mainOutputs, areClasses: areClasses)
    }

    private var studentParameters: [Parameter] { student.parameters + (recycle?.parameters ?? []) }
    private var teacherParameters: [Parameter] { teacher.parameters + (teacherRecycle?.parameters ?? []) }

    var parameters: [Parameter] { studentParameters + teacherParameters.map { $0.named("teacher.\($0.name)") } }

    var trainable: [Parameter] { student.trainable + (recycle?.trainable ?? []) }

    func callAsFunction(_ features: Tensor) throws -> BagOutput { try student(features) }

    /// One row each of student and teacher; the student's is the main one. A third, `hard`, gives equal shares to the
    /// instances with the teacher's highest scores, from which training drew those that it masked as hard (section 3.2).
    func mapped(_ features: Tensor) throws -> BagOutput {
        let outputs = try [student(features), teacher(features)]
        var output = outputs[0]
        var rows = try outputs.map { try $0.oneRow() }
        (output.names, output.main) = (["student", "teacher"], 0..<1)
        let pass = try teacher.encode(teacher.embedding(features, nil), nil)
        let hard = try masking.hard(teacher.score(pass, byClass: config.scoresByClass, nil).ranks())
        if !hard.isEmpty {
            var row = [Float](repeating: 0, count: features.shape[0])
            for position in hard { row[position] = 1 / Float(hard.count) }
            let shares = try Tensor(row, shape: [1, row.count], on: features.device)
            rows.append(try shares.asRow(of: output.kind).to(rows[0].dtype))
            output.names.append("hard")
        }
        output.attention = try Tensor.concatenated(rows, dim: 0)
        return output
    }

    func trainingLoss(_ features: Tensor, target: Aim, _ step: TrainingStep) throws -> TrainingLoss {
        let view = try taught(features, step.draws)
        let kept = try masking.kept(view.score.ranks(), progress: step.progress, step.draws)
        return try learned(features, kept, from: view.bag, target: target, step).loss
    }

    /// What the teacher makes of the whole bag; in training it drops as the student does, unless the config says no.
    func taught(_ features: Tensor, _ draws: any Draws) throws -> (pass: Host.Pass, bag: Tensor, score: InstanceScore) {
        let draws: (any Draws)? = config.teacherDropout ? NamedDraws(prefix: "teacher.", draws) : nil
        return try withoutGrad {
            let pass = try teacher.encode(teacher.embedding(features, draws), draws)
            return (pass, pass.bag, try teacher.score(pass, byClass: config.scoresByClass, draws))
        }
    }

    /// A training pass of the student.
    struct StudentPass {
        /// Positions of the bag in the order of the student's tokens: those that stay, then those recycled.
        var order: [Int]
        /// How many of them stay.
        var stays: Int
        /// What the student's encoder sees.
        var tokens: Tensor
        var host: Host.Pass
        var classLoss: Tensor
        /// nil where its weight is 0.
        var consistency: Tensor?
        var loss: TrainingLoss
    }

    func learned(
        _ features: Tensor,
        _ kept: [Int],
        from teacherBag: Tensor,
        target: Aim,
        _ step: TrainingStep
    ) throws -> StudentPass {
        let draws = step.draws
        let (order, stays) = try split(kept, draws)
        // Rows are chosen before the first layer, which works on each alone.
        let instances = try student.embedding(
            order == Array(0..<features.shape[0]) ? features : features.indexSelect(dim: 0, order),
            draws
        )
        let tokens = try recycled(instances, stays, step)
        let pass = try student.encode(tokens, draws)
        let classLoss = try pass.classLoss(target: target)
        var loss = TrainingLoss(total: classLoss, terms: [("class", classLoss)])
        var consistency: Tensor?
        if config.consistency > 0 {
            let term = try consistencyLoss(pass.bag, teacher: teacherBag, temperature: config.temperature)
            let weighted = try config.consistency * term
            loss.terms.append(("consistency", weighted))
            loss.total = try classLoss + weighted
            consistency = term
        }
        return StudentPass(
            order: order,
            stays: stays,
            tokens: tokens,
            host: pass,
            classLoss: classLoss,
            consistency: consistency,
            loss: loss
        )
    }

    /// A random order of the kept, of which the first ⌊L · share⌋ stay; all in their own order where nothing is recycled.
    private func split(_ kept: [Int], _ draws: any Draws) throws -> (order: [Int], stays: Int) {
        guard recycle != nil else { return (kept, kept.count) }
        let noise = try draws.uniform("merge", [kept.count])
        let order = StableRanking().first(kept.count, of: noise, largest: false).map { kept[$0] }
        return (order, Int(Double(kept.count) * config.mergeKeep))
    }

    private func recycled(_ instances: Tensor, _ stays: Int, _ step: TrainingStep) throws -> Tensor {
        guard let recycle else { return instances }
        let rest = try instances.narrow(dim: 0, start: stays, length: instances.shape[0] - stays)
        let gathered = try recycle(rest, step.draws)
        if step.movesLater {
            try recycle.keep(gathered)
        } else if !step.isRehearsal {
            try recycle.move(towards: gathered)
        }
        return try Tensor.concatenated(
            [instances.narrow(dim: 0, start: 0, length: stays), gathered.to(instances.dtype)],
            dim: 0
        )
    }

    /// θ_teacher ← m·θ_teacher + (1 − m)·θ_student for all parameters, the recycling's queries too.
    func finish(_ step: TrainingStep) throws {
        let momentum = config.momentum(at: step.progress)
        try recycle?.moveTowardsKept()
        try withoutGrad {
            for (taught, own) in zip(teacherParameters, studentParameters) {
                try taught.tensor.scale(by: momentum)
                // The product is rounded before the sum, as the authors' is: near m = 1 a fused one drifts apart.
                try taught.tensor.accumulate(own.tensor * (1 - momentum))
            }
        }
    }

    func begin(withHost tensors: [String: StoredTensor], path: String) throws {
        if let stranger = Set(tensors.keys).subtracting(teacher.parameters.map(\.name)).min() {
            throw MILError.checkpoint(
                path: path,
                reason: "the host \(config.host.rawValue) has no parameter \(stranger)"
            )
        }
        let source = StoredParameters(tensors, path: path)
        // All are read before any is changed.
        let trained = try teacher.parameters.map { parameter in
            let shape = parameter.tensor.shape
            let values = try source.values(parameter.name, shape: shape, .constant(0))
            return try Tensor(values, shape: shape, on: parameter.tensor.device)
        }
        let firstLayer = Set(student.embedding.parameters.map(\.name))
        for ((taught, own), tensor) in zip(zip(teacher.parameters, student.parameters), trained) {
            try withoutGrad {
                try taught.tensor.assign(tensor)
                switch config.studentStart {
                case .random: break
                case .embedding: if firstLayer.contains(own.name) { try own.tensor.assign(tensor) }
                case .teacher: try own.tensor.assign(tensor)
                }
            }
        }
    }
}

extension BagOutput {
    /// The mean of all rows, in the form of `attention`, `[1, N]`.
    fileprivate func oneRow() throws -> Tensor {
        guard attention.shape.count != 2 || attention.shape[0] != 1 else { return attention }
        return try rows().mean(dim: 0, keep: true).asRow(of: kind)
    }
}

extension Tensor {
    /// Shares or scores in the form of `BagOutput.attention`, which for attention is that before the softmax.
    fileprivate func asRow(of kind: MapKind) throws -> Tensor {
        try kind == .attention ? clampMin(Double(Float.leastNormalMagnitude)).log() : self
    }
}
