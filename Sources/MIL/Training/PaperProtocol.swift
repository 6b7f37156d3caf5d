import Records

extension ModelConfig {
    /// Whether its authors chose epoch and threshold on the test part: MHIM's runs had no other validation part.
    var wasSelectedOnTest: Bool { kind == .dsmil }
}

extension TrainRequest {
    /// Whether the looser protocol of the papers is asked for and lets this model's test part choose its epoch.
    var selectsOnTest: Bool { evaluation.protocol == .paper && model.wasSelectedOnTest }

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
