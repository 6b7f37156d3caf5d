/// The section of one MIL model: its keys, and what its authors did with it.
public protocol ModelSection: ConfigSection {
    /// What its authors trained it with.
    /// - Parameters:
    ///   - featureWidth: D_in; 512 is ResNet-18's.
    ///   - classes: how many.
    func recipe(featureWidth: Int, classes: Int) -> Recipe

    /// Whether its authors chose epoch and threshold on the test part.
    var wasSelectedOnTest: Bool { get }

    /// Whether its authors decided between two classes by Youden's cut; else they took the most probable class.
    var wasDecidedByYouden: Bool { get }

    /// Writes out every width that follows from the features' width D_in.
    mutating func resolve(featureWidth: Int)

    /// Those of the section that have a recipe of their own, for the reference.
    static var recipes: [ConfigVariant<Self>] { get }
}

extension ModelSection {
    public var wasSelectedOnTest: Bool { false }
    public var wasDecidedByYouden: Bool { wasSelectedOnTest }
    public mutating func resolve(featureWidth: Int) {}
    public static var recipes: [ConfigVariant<Self>] { [ConfigVariant("", Self())] }
}

extension ModelSection {
    /// Gives `hidden` its default where it has none.
    mutating func resolve(_ hidden: WritableKeyPath<Self, Int?>, featureWidth: Int) {
        self[keyPath: hidden] = self[keyPath: hidden] ?? ModelConfig.defaultHidden(featureWidth: featureWidth)
    }
}
