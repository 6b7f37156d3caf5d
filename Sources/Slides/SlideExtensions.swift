import Foundation

/// Endings of slide files: those that folders are searched for, and those that a name in a table may end with.
public enum SlideExtensions {
    /// Of all formats that are read, in lower case.
    public static let readable = Set(SlideFormat.all.flatMap(\.endings))

    /// For help and messages, sorted.
    public static let readableText = readable.sorted().joined(separator: ", ")

    /// Of files beside which a folder of the same name holds nothing but their own parts.
    public static let withOwnFolder = Set(
        SlideFormat.all.filter { $0.files == .withFolder(hidesSlides: true) }.flatMap(\.endings)
    )

    /// Slides of other programs and pictures of slides: a table may name them though the slide has another format here.
    private static let others: Set<String> = [
        "afi", "btf", "czi", "ets", "isyntax", "jp2", "jpeg", "jpg", "kfb", "lif", "mds", "nd2", "ome", "oir", "png",
        "ptif", "sdpc", "tmap", "vsi", "zarr", "zvi",
    ]

    /// A name without the ending that slides have; nil where it has none of these. What follows a dot may as well be a part
    /// of the name, as in TCGA's `TCGA-CR-7395-01A-01-TS1.8a8b3b2a`.
    public static func removed(from name: String) -> String? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        return readable.contains(ending) || others.contains(ending) ? String(name[..<dot]) : nil
    }
}
