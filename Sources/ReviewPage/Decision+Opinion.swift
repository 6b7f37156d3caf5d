import Records

extension ReaderOpinion {
    /// - Parameter classes: of the job; those that the decision holds go before them.
    init(_ decision: Decision, caseID: String?, classes: [String]) {
        reader = decision.reviewer
        slide = decision.slide
        self.caseID = caseID
        time = decision.time
        kind = decision.kind == .adjudication ? .adjudication : .opinion
        verdict =
            switch decision.verdict {
            case .agree: .agree
            case .disagree: .disagree
            case .unsure: .unsure
            case .read: .read
            }
        className = decision.className
        isBlinded = decision.isBlinded ?? false
        seen = decision.model.map { model in
            Seen(
                model: model,
                digest: decision.digest,
                called: decision.called,
                classes: decision.probabilities?.keys.sorted() ?? classes
            )
        }
    }
}

extension AgreementReport {
    /// Of everything that was decided in a job.
    public init(_ job: ReviewJob) throws {
        let log = DecisionLog(job.layout)
        let classes = Set(job.slides.flatMap { $0.forecasts.values.flatMap(\.classes) }).sorted()
        var spellings: [String: String] = [:]
        let said = try job.slides.flatMap { slide in
            try log.decisions(of: slide.id).map { decision in
                var opinion = ReaderOpinion(decision, caseID: slide.caseID, classes: classes)
                let key = ReaderName.key(decision.reviewer)
                opinion.reader = spellings[key] ?? decision.reviewer
                spellings[key] = opinion.reader
                return opinion
            }
        }
        let calls = job.slides.flatMap { slide in
            slide.forecasts.map { model, forecast in
                ModelCall(
                    slide: slide.id,
                    caseID: slide.caseID,
                    model: model,
                    digest: forecast.digest,
                    called: forecast.called
                )
            }
        }
        self.init(said, calls: calls)
    }
}
