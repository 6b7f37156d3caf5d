import Records

/// What a reader and a model say of slides, before and after the reader saw it.
struct ModelViews {
    typealias Views = [SlideID: [String: ReaderOpinion.Standpoint]]

    let reader: String
    let model: String
    /// The model, by another name than the reader's.
    let rater: String
    let before: Views
    let after: Views
    let change: AgreementReport.Change?

    init(
        _ reader: String,
        _ model: String,
        _ calls: [SlideID: ModelCall],
        before: ReaderOpinions.Chosen,
        after: ReaderOpinions.Chosen
    ) {
        let rater = model == reader ? "\(model) (model)" : model
        func views(_ chosen: ReaderOpinions.Chosen) -> Views {
            calls.compactMapValues { call in
                (chosen[call.slide]?[reader]).map { [reader: $0.standpoint, rater: .named(call.called)] }
            }
        }
        (self.reader, self.model, self.rater) = (reader, model, rater)
        (self.before, self.after) = (views(before), views(after))
        var change = AgreementReport.Change()
        for (slide, call) in calls {
            guard let first = before[slide]?[reader]?.standpoint, let last = after[slide]?[reader]?.standpoint,
                first != .unknown, last != .unknown
            else { continue }
            change.slides += 1
            guard first != last else { continue }
            // In words: what is no class is no standpoint of the model.
            switch call.called {
            case last.words: change.toModel += 1
            case first.words: change.fromModel += 1
            default: change.otherwise += 1
            }
        }
        self.change = change.slides > 0 ? change : nil
    }
}
