/// How a decision stands to what the job says now.
enum Standing: String, Encodable, Sendable {
    /// Given for the result that is served.
    case current
    /// Given for another result of that model, or of a model that is no more.
    case older
    /// A line of before, which does not tell its result.
    case unknown
    /// Not about a result: blinded, or none was there.
    case own
}

extension Decision {
    func standing(in slide: ReviewJob.SlideEntry) -> Standing {
        guard let model else { return .own }
        guard let digest else { return .unknown }
        return slide.forecasts[model]?.digest == digest ? .current : .older
    }
}
