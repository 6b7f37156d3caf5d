import Records

extension ModelConfig {
    /// Whether its authors chose epoch and threshold on the test part: MHIM's runs had no other validation part.
    var wasSelectedOnTest: Bool { [.dsmil, .transmil, .mhim].contains(kind) }
}

extension EvaluationConfig {
    /// Whether the looser protocol of the papers is asked for and lets the model's test part choose its epoch.
    func selectsOnTest(_ model: ModelConfig) -> Bool { `protocol` == .paper && model.wasSelectedOnTest }

    /// Whether a fold's decisions are made by Youden's cut, where there are two classes: as the config says, or in the
    /// papers' protocol as the model's authors did. Those of ACMIL and of MHIM's version 2 took the most probable class.
    func decidesByYouden(_ model: ModelConfig) -> Bool {
        guard `protocol` == .paper else { return threshold == .youden }
        if case .mhim(let config) = model, config.version == 2 { return false }
        return model.wasSelectedOnTest
    }
}

extension TrainRequest {
    var selectsOnTest: Bool { evaluation.selectsOnTest(model) }

    /// The request as its protocol wants it: where the test part is the validation part too, all other slides are trained
    /// on.
    func followingProtocol() -> TrainRequest {
        guard selectsOnTest else { return self }
        var request = self
        request.split.train = (split.train + split.validation).sorted()
        request.split.validation = split.test
        return request
    }
}
