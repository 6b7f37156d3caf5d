import CTorch

/// Adam with its weight decay as an L2 term in the gradient (Kingma & Ba 2015; `torch.optim.Adam`).
///
/// A parameter without a gradient is left alone entirely: no decay, no step, no change of its moments.
public class Adam {
    public struct Settings: Sendable, Equatable {
        public var beta1 = 0.9
        public var beta2 = 0.999
        public var epsilon = 1e-8
        public var weightDecay = 0.0

        public init(weightDecay: Double = 0) { self.weightDecay = weightDecay }
    }

    /// For the next step; a schedule sets it.
    public var learningRate: Double
    public let settings: Settings
    private let parameters: [Parameter]
    private var moments: [String: Moments] = [:]

    /// Running means of the gradient and of its square, and the number of steps that made them.
    private struct Moments {
        let first, second: Tensor
        var steps = 0

        init(like tensor: Tensor) throws(TorchError) {
            first = try Tensor.zeros(tensor.shape, dtype: tensor.dtype, on: tensor.device)
            second = try Tensor.zeros(tensor.shape, dtype: tensor.dtype, on: tensor.device)
        }
    }

    /// - Throws: `TorchError` where a name occurs twice: the state is kept by name.
    public init(_ parameters: [Parameter], learningRate: Double, settings: Settings = Settings()) throws(TorchError) {
        var names: Set<String> = []
        for parameter in parameters where !names.insert(parameter.name).inserted {
            throw TorchError("Adam", "two parameters are named \(parameter.name)")
        }
        self.parameters = parameters
        self.learningRate = learningRate
        self.settings = settings
    }

    var isDecoupled: Bool { false }

    /// Moves every parameter that has a gradient.
    public func step() throws(TorchError) {
        var settings = ct_adam_settings(
            learning_rate: learningRate,
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon: settings.epsilon,
            weight_decay: settings.weightDecay,
            decoupled: isDecoupled
        )
        // Those that have made as many steps go together: as a rule all of them.
        var groups: [(parameters: [Parameter], grads: [Tensor], held: [Moments])] = []
        for parameter in parameters {
            guard let grad = try parameter.tensor.grad else { continue }
            var held = try heldMoments(of: parameter)
            held.steps += 1
            let place = groups.firstIndex { $0.held.first?.steps == held.steps } ?? groups.count
            if place == groups.count { groups.append(([], [], [])) }
            groups[place].parameters.append(parameter)
            groups[place].grads.append(grad)
            groups[place].held.append(held)
        }
        for group in groups {
            let status = withExtendedLifetime(group) {
                ct_adam_step(
                    group.parameters.map(\.tensor.handle),
                    group.grads.map(\.handle),
                    group.held.map(\.first.handle),
                    group.held.map(\.second.handle),
                    group.grads.count,
                    Int64(group.held.first?.steps ?? 1),
                    &settings
                )
            }
            try check(status, "step()")
            for (parameter, held) in zip(group.parameters, group.held) { moments[parameter.name] = held }
        }
    }

    private func heldMoments(of parameter: Parameter) throws(TorchError) -> Moments {
        if let held = moments[parameter.name] { return held }
        return try Moments(like: parameter.tensor)
    }

    /// Forgets the gradients: the next `backward` begins from none.
    public func dropGrads() { for parameter in parameters { parameter.tensor.dropGrad() } }

    /// Copies of all that the next step depends on besides parameters and settings, by `<parameter>.first_moment`,
    /// `.second_moment` and `.step` (an fp32 scalar).
    public func state() throws(TorchError) -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (name, held) in moments {
            state["\(name).first_moment"] = try held.first.clone()
            state["\(name).second_moment"] = try held.second.clone()
            state["\(name).step"] = try Tensor([Float(held.steps)], shape: [])
        }
        return state
    }

    /// Takes a state back; parameters that are not in it begin anew.
    /// - Throws: `TorchError` for names, shapes or counts that do not fit the parameters; the old state stands then.
    public func restore(_ state: [String: Tensor]) throws(TorchError) {
        var restored: [String: Moments] = [:]
        var left = state
        func take(_ name: String, shape: [Int]) throws(TorchError) -> Tensor {
            guard let tensor = left.removeValue(forKey: name) else {
                throw TorchError("restore(_:)", "\(name) is missing")
            }
            guard tensor.shape == shape else {
                throw TorchError("restore(_:)", "\(name) is \(tensor.shape); \(shape) is wanted")
            }
            return tensor
        }
        for parameter in parameters {
            let name = parameter.name
            let parts = ["\(name).first_moment", "\(name).second_moment", "\(name).step"]
            guard parts.contains(where: { left[$0] != nil }) else { continue }
            var held = try Moments(like: parameter.tensor)
            try held.first.assign(take(parts[0], shape: held.first.shape))
            try held.second.assign(take(parts[1], shape: held.second.shape))
            guard let steps = Int(exactly: try take(parts[2], shape: []).item()), steps > 0 else {
                throw TorchError("restore(_:)", "\(parts[2]) is no count of steps")
            }
            held.steps = steps
            restored[name] = held
        }
        if let stranger = left.keys.min() { throw TorchError("restore(_:)", "\(stranger) belongs to no parameter") }
        moments = restored
    }
}

/// Adam with its weight decay taken from the weight itself (Loshchilov & Hutter 2019; `torch.optim.AdamW`).
public final class AdamW: Adam {
    override var isDecoupled: Bool { true }
}
