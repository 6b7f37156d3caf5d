import Foundation
import Hummingbird

/// Who looks, and whether they read blinded: then everything that a model or another reader has said of a slide is withheld until
/// their first opinion on it is saved.
struct ReaderSight: Sendable {
    /// Empty where the page knows no name yet.
    var reader: String
    var isBlinded: Bool

    init(reader: String, isBlinded: Bool) {
        self.reader = reader
        self.isBlinded = isBlinded
    }

    /// - Parameter everyone: whether the server seals slides for all readers.
    init(_ request: Request, everyone: Bool) {
        reader = request.query("reader").trimmingCharacters(in: .whitespacesAndNewlines)
        isBlinded = everyone || request.query("blinded") == "1"
    }

    func isSealed(_ decisions: [Decision]) -> Bool { isBlinded && !decisions.contains { $0.reviewer == reader } }
}
