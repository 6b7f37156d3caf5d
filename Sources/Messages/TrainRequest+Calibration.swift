import Config
public import Records

extension TrainRequest {
    /// The request without the slides that its evaluation wants set aside from the training part, and these: none where the test part chooses
    /// the epoch, since nothing is then told of sets.
    /// - Throws: `Failure` (`.usage`) where no case can be spared.
    public func settingAside() throws -> (rest: TrainRequest, aside: [SlideID]) {
        guard let fraction = evaluation.calibrationFraction, !selectsOnTest else { return (self, []) }
        var request = self
        let cut = try Splits.settingAside(fraction, of: split, in: cohort)
        request.split = cut.rest
        return (request, cut.aside)
    }
}
