/* Sample for the golden test: lines 5-6 wrong, 13-14 right, 21-22 dependent */
static int wrong(void)
{
	int a;
	char *longer_one = NULL;
	int b;

	return a + b;
}

static int right(void)
{
	struct net_device *dev = NULL;
	int err;

	return err;
}

static int dependent(struct net_device *dev)
{
	int n = 0;
	struct veth_priv *priv = use(n);

	if (n) {
		int x;
		char *y_is_longer;
	}
	return n;
}

struct no_block {
	int a;
	struct list_head longer_member;
};
