import Foundation
public import Records

extension Outcome {
    /// Lets `work` make a result; an error for reasons in the data becomes a failed outcome, any other error is thrown.
    public static func of(
        _ slide: SlideID,
        stage: StageName,
        fingerprint: Fingerprint,
        work: (inout Outcome) throws -> Void
    ) throws -> Outcome {
        let unit = UnitID(slide)
        var outcome = Outcome(unit: unit, stage: stage, status: .ok, fingerprint: fingerprint)
        do {
            try work(&outcome)
            return outcome
        } catch let error as any ReportableError where error.code != .bug {
            let failure = Failure(error).naming(unit)
            return Outcome(unit: unit, stage: stage, status: .failed, failure: failure, fingerprint: fingerprint)
        }
    }
}

extension Failure {
    /// Of a unit: paths of this machine do not belong into results; the slide is named by its id.
    func naming(_ unit: UnitID) -> Failure {
        var failure = self
        if let subject { failure.message = message.replacing(subject, with: unit.text) }
        failure.subject = unit.text
        return failure
    }
}
