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

    /// Running means of the gradient and of its square, and the number of steps (an fp32 scalar).
    private struct Moments {
        var first, second, step: Tensor

        init(like tensor: Tensor) throws(TorchError) {
            first = try Tensor.zeros(tensor.shape, dtype: tensor.dtype, on: tensor.device)
            second = try Tensor.zeros(tensor.shape, dtype: tensor.dtype, on: tensor.device)
            step = try Tensor.zeros([], on: tensor.device)
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
        var moved: [(tensor: Tensor, grad: Tensor, moments: Moments)] = []
        for parameter in parameters {
            guard let grad = try parameter.tensor.grad else { continue }
            let held = try heldMoments(of: parameter)
            moved.append((parameter.tensor, grad, held))
        }
        var settings = ct_adam_settings(
            learning_rate: learningRate,
            beta1: settings.beta1,
            beta2: settings.beta2,
            epsilon: settings.epsilon,
            weight_decay: settings.weightDecay,
            decoupled: isDecoupled
        )
        let status = withExtendedLifetime(moved) {
            ct_adam_step(
                moved.map(\.tensor.handle),
                moved.map(\.grad.handle),
                moved.map(\.moments.first.handle),
                moved.map(\.moments.second.handle),
                moved.map(\.moments.step.handle),
                moved.count,
                &settings
            )
        }
        try check(status, "step()")
    }

    private func heldMoments(of parameter: Parameter) throws(TorchError) -> Moments {
        if let held = moments[parameter.name] { return held }
        let fresh = try Moments(like: parameter.tensor)
        moments[parameter.name] = fresh
        return fresh
    }

    /// Forgets the gradients: the next `backward` begins from none.
    public func dropGrads() { for parameter in parameters { parameter.tensor.dropGrad() } }

    /// Copies of all that the next step depends on besides parameters and settings, by `<parameter>.first_moment`,
    /// `.second_moment` and `.step`.
    public func state() throws(TorchError) -> [String: Tensor] {
        var state: [String: Tensor] = [:]
        for (name, held) in moments {
            state["\(name).first_moment"] = try held.first.clone()
            state["\(name).second_moment"] = try held.second.clone()
            state["\(name).step"] = try held.step.clone()
        }
        return state
    }

    /// Takes a state back; parameters that are not in it begin anew.
    /// - Throws: `TorchError` for names or shapes that do not fit the parameters; the old state stands then.
    public func restore(_ state: [String: Tensor]) throws(TorchError) {
        var restored: [String: Moments] = [:]
        var left = state
        for parameter in parameters {
            let name = parameter.name
            let held = try Moments(like: parameter.tensor)
            let parts = [("first_moment", held.first), ("second_moment", held.second), ("step", held.step)]
            let found = parts.filter { left["\(name).\($0.0)"] != nil }
            guard !found.isEmpty else { continue }
            for (part, target) in parts {
                guard let source = left.removeValue(forKey: "\(name).\(part)") else {
                    throw TorchError("restore(_:)", "\(name).\(part) is missing")
                }
                guard source.shape == target.shape else {
                    throw TorchError("restore(_:)", "\(name).\(part) is \(source.shape); \(target.shape) is wanted")
                }
                try target.assign(source)
            }
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
