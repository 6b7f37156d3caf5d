extension EvaluationConfig {
    /// Whether the looser protocol of the papers is asked for and lets the model's test part choose its epoch.
    public func selectsOnTest(_ model: ModelConfig) -> Bool { `protocol` == .paper && model.section.wasSelectedOnTest }

    /// Whether a fold's decisions are made by Youden's cut, where there are two classes: as the config says, or in the
    /// papers' protocol as the model's authors did.
    public func decidesByYouden(_ model: ModelConfig) -> Bool {
        `protocol` == .paper ? model.section.wasDecidedByYouden : threshold == .youden
    }
}
