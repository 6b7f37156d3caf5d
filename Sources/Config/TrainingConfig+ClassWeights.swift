import Records

extension TrainingConfig {
    /// What each class's loss is multiplied with.
    public enum ClassWeights: Codable, Equatable, Sendable {
        case none
        /// n / (C · n_c): every class weighs the same in an epoch.
        case balanced
        /// One per class, in the classes' order.
        case given([Double])

        public init(from decoder: any Decoder) throws {
            let path = ConfigError.path(decoder.codingPath)
            let container = try decoder.singleValueContainer()
            switch (try? container.decode(String.self), try? container.decode([Double].self)) {
            case ("none", _): self = .none
            case ("balanced", _): self = .balanced
            case (_, let weights?) where weights.allSatisfy({ $0 > 0 && $0 <= 1e6 }): self = .given(weights)
            default: throw ConfigError(path, "none, balanced or a list of one number above 0 for every class is wanted")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .none: try container.encode("none")
            case .balanced: try container.encode("balanced")
            case .given(let weights): try container.encode(weights)
            }
        }
    }
}

extension ConfigValues where Value == TrainingConfig.ClassWeights {
    static var classWeights: Self {
        let words = [
            ConfigWord(word: "none", meaning: "1"),
            ConfigWord(word: "balanced", meaning: "n / (C · n_c): every class weighs the same in an epoch"),
        ]
        let weights = ConfigValues<Double>.number(above: 0, to: 1e6)
        let list = ConfigShape.list(of: weights.shape, count: 1...Int.max, isDistinct: false)
        // Its decoder checks the weights themselves.
        return Self(.either([.choice(words), list])) { $0 != .given([]) }
    }
}
