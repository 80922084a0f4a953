"""A plain binary search tree of linked objects, no colours: it is turned only where it is told to."""


class Node:
    """A node with its key, and its neighbours or None."""

    def __init__(self, name, key):
        self.name, self.key, self.left, self.right, self.up = name, key, None, None, None


class Tree:
    """Equal keys go right."""

    def __init__(self):
        self.root, self.nodes = None, {}

    def put(self, old, new):
        """Let `new` stand where `old` stood."""
        up = old.up
        if up is None:
            self.root = new
        elif up.left is old:
            up.left = new
        else:
            up.right = new
        if new is not None:
            new.up = up

    def insert(self, name, key):
        node = self.nodes[name] = Node(name, key)
        at, side = self.root, None
        while at is not None:
            side = "left" if key < at.key else "right"
            node.up, at = at, getattr(at, side)
        if side is None:
            self.root = node
        else:
            setattr(node.up, side, node)

    def erase(self, name):
        node = self.nodes.pop(name)
        if node.left is None or node.right is None:
            self.put(node, node.left or node.right)
            return
        follower = node.right
        while follower.left is not None:
            follower = follower.left
        self.put(follower, follower.right)
        self.put(node, follower)
        for side in ("left", "right"):
            child = getattr(node, side)
            setattr(follower, side, child)
            if child is not None:
                child.up = follower

    def turn(self, name, side):
        """Turn a node down to the left or to the right."""
        node, other = self.nodes[name], "right" if side == "left" else "left"
        child = getattr(node, other)
        self.put(node, child)
        inner = getattr(child, side)
        setattr(node, other, inner)
        if inner is not None:
            inner.up = node
        setattr(child, side, node)
        node.up = child

    def shape(self):
        """Return (name, depth, parent's name or 0), from left to right."""

        def walk(node, depth):
            if node is None:
                return []
            own = (node.name, depth, node.up.name if node.up else 0)
            return [*walk(node.left, depth + 1), own, *walk(node.right, depth + 1)]

        return walk(self.root, 0)
