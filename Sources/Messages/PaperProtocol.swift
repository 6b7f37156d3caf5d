import Config
import Records

extension TrainRequest {
    public var selectsOnTest: Bool { evaluation.selectsOnTest(model) }

    /// The request as its protocol wants it: where the test part is the validation part too, all other slides are trained
    /// on.
    public func followingProtocol() -> TrainRequest {
        guard selectsOnTest else { return self }
        var request = self
        request.split.train = (split.train + split.validation).sorted()
        request.split.validation = split.test
        return request
    }
}
