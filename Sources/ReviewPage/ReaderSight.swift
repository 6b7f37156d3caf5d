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
        reader = request.query("reader")
        isBlinded = everyone || request.query("blinded") == "1"
    }

    func isSealed(_ decisions: [Decision]) -> Bool {
        let key = ReaderName.key(reader)
        return isBlinded && !decisions.contains { ReaderName.key($0.reviewer) == key }
    }
}
