import Files
import Foundation
import Records
import Storage

extension JobLayout {
    /// Publishes a prediction of a slide by a model `m` that was never trained, with attention shared out evenly.
    func addPrediction(
        of slide: String = "made",
        _ corners: [PixelPoint],
        grid: PatchGrid? = nil,
        _ onSlide: PatchFacts.OnSlide? = nil
    ) throws {
        let id = try SlideID(slide)
        let attention = corners.map { _ in 1 / Float(corners.count) }
        let file = PredictionFile(
            prediction: Prediction(
                slide: id,
                answer: .class(ClassAnswer([0.1, 0.9], threshold: 0.5)),
                branchAttention: [attention],
                attention: attention,
                corners: corners
            ),
            classes: ["normal", "tumor"],
            model: "m",
            folds: [0],
            grid: grid,
            sideLevel0: onSlide?.side,
            facts: onSlide.map { PatchFacts(onSlide: $0) },
            attributes: [:]
        )
        let url = predictions.appending(path: "m/\(id).h5")
        try file.write(to: url)
        let fingerprint = Fingerprint(stage: "predict", parameters: [:], inputs: [:])
        var outcome = Outcome(unit: UnitID(id), stage: StageName("predict_m"), status: .ok, fingerprint: fingerprint)
        outcome.outputs = ["predictions/m/\(id).h5": try Digest.quick(fileAt: url)]
        try CanonicalJSON.write(outcome, to: self.outcome(stage: StageName("predict_m"), UnitID(id)))
    }
}
