extension ModelConfig {
    /// Whether its authors chose epoch and threshold on the test part: MHIM's runs had no other validation part.
    public var wasSelectedOnTest: Bool { [.dsmil, .transmil, .mhim].contains(kind) }
}

extension EvaluationConfig {
    /// Whether the looser protocol of the papers is asked for and lets the model's test part choose its epoch.
    public func selectsOnTest(_ model: ModelConfig) -> Bool { `protocol` == .paper && model.wasSelectedOnTest }

    /// Whether a fold's decisions are made by Youden's cut, where there are two classes: as the config says, or in the
    /// papers' protocol as the model's authors did. Those of ACMIL and of MHIM's version 2 took the most probable class.
    public func decidesByYouden(_ model: ModelConfig) -> Bool {
        guard `protocol` == .paper else { return threshold == .youden }
        if case .mhim(let config) = model, config.version == 2 { return false }
        return model.wasSelectedOnTest
    }
}
