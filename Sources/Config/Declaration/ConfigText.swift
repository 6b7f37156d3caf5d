/// JSON whose members keep their order.
public indirect enum ConfigText: Equatable, Sendable {
    /// JSON of one line.
    case value(String)
    case members([Member])

    public struct Member: Equatable, Sendable {
        public let key: String
        public let value: ConfigText

        init(_ key: String, _ value: ConfigText) { (self.key, self.value) = (key, value) }
    }

    /// The text, indented; no newline at the end.
    public var json: String { json(indent: "") }

    /// The members whose paths are wanted, and those below them.
    public func keeping(below path: String = "", _ isWanted: (_ path: String) -> Bool) -> ConfigText {
        guard case .members(let members) = self else { return self }
        let kept = members.compactMap { member -> Member? in
            let path = path.isEmpty ? member.key : "\(path).\(member.key)"
            if isWanted(path) { return member }
            guard case .members(let inner) = member.value.keeping(below: path, isWanted), !inner.isEmpty else {
                return nil
            }
            return Member(member.key, .members(inner))
        }
        return .members(kept)
    }

    private func json(indent: String) -> String {
        switch self {
        case .value(let text): return text
        case .members(let members) where members.isEmpty: return "{}"
        case .members(let members):
            let inner = indent + "  "
            let lines = members.map { "\(inner)\"\($0.key)\": \($0.value.json(indent: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        }
    }
}
