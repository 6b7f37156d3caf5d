import Files

/// Which of the files of a set OME-XML stands in: each plane may name another one (OME-TIFF: `TiffData` and its `UUID`).
struct OMEFiles {
    /// By its number, which no copy changes, and by its name, which users do.
    private struct Named: Hashable {
        var uuid: String
        /// Without its folder.
        var file: String

        init(_ element: XMLTree.Element) {
            uuid = element.text
            file = OMEFiles.name(element.attributes["FileName"] ?? "")
        }
    }

    /// This one, as planes name it.
    private let own: Set<Named>

    /// It is the one of its name; where its number means another one it is none of them. One whose name is not among those is told
    /// by its number, and without numbers it is the one that is named, if that is one.
    /// - Parameter name: of the file that has the XML.
    init(_ root: XMLTree.Element, name: String) {
        let named = Set(root.all("UUID").map(Named.init))
        let number = root.attributes["UUID"] ?? ""
        let byName = named.filter { $0.file == name }
        let byNumber = named.filter { !number.isEmpty && $0.uuid == number }
        if byName.isEmpty, byNumber.isEmpty {
            let isOnlyOne = Set(named.map(\.file)).count == 1 && named.allSatisfy { number.isEmpty || $0.uuid.isEmpty }
            own = isOnlyOne ? named : []
        } else if byName.isEmpty || byNumber.isEmpty {
            own = byName.union(byNumber)
        } else {
            own = byName.isDisjoint(with: byNumber) ? [] : byName.union(byNumber)
        }
    }

    /// Without its folder, which may be of another system.
    static func name(_ path: String) -> String { path.split { "/\\".contains($0) }.last.map(String.init) ?? "" }

    /// The other file in which planes lie, as it is named; nil for planes of this one.
    /// - Parameter planes: a `TiffData`.
    func other(of planes: XMLTree.Element) -> String? {
        guard let named = planes.all("UUID").first.map(Named.init), !own.contains(named) else { return nil }
        return named.file.isEmpty ? named.uuid : named.file
    }
}
