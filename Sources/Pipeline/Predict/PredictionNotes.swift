public import Records
import Storage

/// What a reader of a job's predictions should know before looking at them.
public enum PredictionNotes {
    /// The predictions that are older than the models or features that there are now, or whose features differ in scale from
    /// those of the training, and slides that look unlike the training's, by their name and slide.
    /// - Throws: `StorageError` for an outcome that cannot be read.
    public static func read(_ layout: JobLayout) throws -> [String: [SlideID: String]] {
        let lineage = Lineage(layout)
        var notes: [String: [SlideID: String]] = [:]
        for stage in try Lineage.stages(in: layout, of: .predict) {
            let model = stage.subject
            for outcome in try lineage.outcomes(stage).all where outcome.status == .ok {
                do {
                    let changes = try lineage.changes(of: outcome)
                    if changes.isEmpty {
                        let words = (outcome.accepted.map { [$0.words] } ?? []) + (outcome.notes ?? [])
                        if !words.isEmpty {
                            notes[model, default: [:]][outcome.slide] = words.joined(separator: "; ")
                        }
                        continue
                    }
                    notes[model, default: [:]][outcome.slide] =
                        "older than \(changes.joined(separator: ", ")); \(try lineage.remedy(for: outcome, changes))"
                } catch let failure as Failure where failure.code == .digest {
                    notes[model, default: [:]][outcome.slide] = failure.message
                }
            }
        }
        return notes
    }

    /// One line for each thing to be said.
    public static func lines(_ notes: [String: [SlideID: String]]) -> [String] {
        notes.sorted { $0.key < $1.key }.flatMap { model, notes in
            Dictionary(grouping: notes.keys) { notes[$0] ?? "" }.sorted { $0.key < $1.key }.map { note, slides in
                "\(slides.count) prediction(s) of \(model) (\(slides.sorted().map(\.text).shortened)): \(note)"
            }
        }
    }
}

extension [Mismatch] {
    /// Of a prediction that was made although its features differ from those of the training.
    var words: String {
        "made with --allow-scale-mismatch: "
            + map { "\($0.member.words) \($0.first), trained at \($0.second)" }.joined(separator: "; ")
    }
}
